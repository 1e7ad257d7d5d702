//! A police force: officers from the force's own feed, in a domain and in Microsoft 365.

use crate::active_directory::{groups, is_open, place, value};
use crate::hybrid::{Both, policy};
use crate::world::block;
use serde_json::json;

const SOURCE: &str = include_str!("../scenarios/police-feed/source.toml");
const FEED: [&str; 3] = [
    include_str!("../scenarios/police-feed/2026-11-23.csv"),
    include_str!("../scenarios/police-feed/2026-11-24.csv"),
    include_str!("../scenarios/police-feed/2026-11-25.csv"),
];

/// The policy of the other tests for a force: its own numbers stand for persons, ranks have groups, and sergeants and those
/// above them another licence.
fn rules() -> String {
    let ranks = "\n[group.rank]\ntarget = \"domain\"\nclass = \"group\"\naccount = \"domain\"\nfor-each = \
                 \"role\"\n\n[group.rank.attributes]\nsAMAccountName = \"'rank-' + local_part(key)\"\n";
    let force = "[table.organisation.99]\nname = \"Exampleshire Police\"\ndomain = \"kommun.test\"\n\n[name.username]";
    policy()
        .replace("certain = [\"identity-number\"]", "certain = [\"person-key\"]")
        .replace("[name.username]", force)
        .replace("['Enhetschef', 'Rektor']", "['Sergeant', 'Chief Inspector']")
        + ranks
}

#[test]
fn officers_join_are_promoted_transfer_and_leave() {
    block(async {
        let both = Both::start().await;
        both.source(SOURCE);
        both.world.write("policy.toml", rules());
        let feed = |at: usize| both.world.write("incoming/persons-2026-11-23.csv", FEED[at]);
        feed(0);
        both.day("2026-11-23").await;
        let tree = both.tree().await;
        let david = "david.okafor@kommun.test";
        assert_eq!(groups(&tree, "davoka"), ["all-exampleshire.police", "rank-pc", "unit-99-CEN"]);
        assert_eq!(Some(&*value(&tree, "davoka", "manager")), place(&tree, "joamar"));
        assert_eq!(both.office.licences(david), ["STANDARDPACK"]);
        assert!(place(&tree, "albret").is_none(), "who left before is not made");
        both.is_settled("2026-11-23");

        // Promoted, and moved to another station; somebody else leaves, and everything of theirs goes at once.
        feed(1);
        both.office.graph.seen();
        both.world.run("2026-11-24").expect(&[0, 1]);
        let tree = both.tree().await;
        assert_eq!(groups(&tree, "davoka"), ["all-exampleshire.police", "rank-ps", "unit-99-HAR"]);
        assert_eq!(both.office.licences(david), ["ENTERPRISEPACK"]);
        let gone = "siobhan.oneill@kommun.test";
        assert!(!is_open(&tree, "sioone") && groups(&tree, "sioone").is_empty());
        assert_eq!(both.office.licences(gone), [""; 0]);
        assert_eq!(both.office.graph.seen().count("POST /users/{id}/revokeSignInSessions"), 1);
        both.day("2026-11-24").await;
        assert_eq!(both.office.value(gone, "accountEnabled"), json!(false));
        both.is_settled("2026-11-24");

        // And comes back, to the same account, with what the new post gives.
        let (guid, id) = (value(&tree, "sioone", "objectguid"), both.office.id(gone));
        feed(2);
        both.day("2026-11-25").await;
        let tree = both.tree().await;
        assert!(is_open(&tree, "sioone") && both.office.is_open(gone));
        assert_eq!((value(&tree, "sioone", "objectguid"), both.office.id(gone)), (guid, id));
        assert_eq!(groups(&tree, "sioone"), ["all-exampleshire.police", "rank-pc", "unit-99-CEN"]);
        both.is_settled("2026-11-25");

        // Sixty days after the last day nothing is left of whoever is gone for good.
        feed(1);
        both.day("2026-11-26").await;
        both.day("2027-01-24").await;
        assert!(place(&both.tree().await, "sioone").is_some());
        both.day("2027-01-25").await;
        assert!(place(&both.tree().await, "sioone").is_none() && !both.office.exists(gone));
        both.is_settled("2027-01-25");
    });
}
