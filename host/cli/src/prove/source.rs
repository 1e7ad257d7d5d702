//! A source: the same records however it is asked, each as its class says, and no position that nobody gave.

use super::class::{Gathered, look};
use super::{Ended, Proof, told};
use sluss_engine::fault::Fault;
use sluss_engine::record::{Marks, Rest, Row};
use sluss_plugin::description::Class;
use sluss_plugin::{Connector, Description};
use std::collections::BTreeMap;

/// Records a page, as a run asks for them.
const PAGE: u32 = 1000;
/// Records a page, to have many.
const FEW: u32 = 3;
/// How many of such pages are looked at.
const PAGES: usize = 60;
/// A position, or token, that no source has given.
const NONSENSE: &[u8] = b"\xff\x00nobody gave this\xfe";

/// Looks at every class.
pub async fn source(connector: &mut Connector, description: &Description, proof: &mut Proof) -> Result<(), Ended> {
    let mut whole: BTreeMap<String, Gathered> = BTreeMap::new();
    for class in &description.classes {
        let name = |what: &str| format!("{}: {what}", class.name);
        let all = read(connector, class, proof).await?;
        small(connector, class, &all, proof).await?;
        let version = connector.version(&class.name).await;
        let version = proof.answered(&name("version"), version)?;
        let again = gather(connector, class, PAGE, usize::MAX).await;
        let again = proof.answered(&name("once more"), again)?;
        let after = connector.version(&class.name).await;
        let after = proof.answered(&name("version"), after)?;
        proof.holds(
            &name("once more"),
            match again.looks == all.looks {
                true => Ok("a second read gives the same".to_owned()),
                false => Err("a second read gives something else, or the system changed in between".to_owned()),
            },
        );
        proof.holds(
            &name("version"),
            match (version, after) {
                (None, None) => Ok("it cannot tell without reading whether anything changed".to_owned()),
                (before, after) if before == after => Ok("it stays the same".to_owned()),
                _ => Err("it changed, though the records did not".to_owned()),
            },
        );
        let taken = "it goes on reading from a position that it never gave";
        let answer = connector.read(&class.name, Some(NONSENSE.to_vec()), FEW).await;
        proof.refuses(&name("a senseless position"), &answer, taken)?;
        if connector.tells_fingerprints() {
            fingerprints(connector, class, &all, proof).await?;
        }
        if connector.tells_changes() {
            changes(connector, class, proof).await?;
        }
        whole.insert(class.name.clone(), all);
    }
    references(&whole, proof);
    let answer = connector.read("no-such-class", None, FEW).await;
    proof.refuses("an unknown class", &answer, "it reads a class that it does not describe")
}

/// A full read, as a run does it.
async fn read(connector: &mut Connector, class: &Class, proof: &mut Proof) -> Result<Gathered, Ended> {
    let name = |what: &str| format!("{}: {what}", class.name);
    let all = gather(connector, class, PAGE, usize::MAX).await;
    let all = proof.answered(&name("a full read"), all)?;
    proof.holds(
        &name("a full read"),
        match &all.end {
            Some(Ok(())) => Ok(format!("{} records, and {} that cannot be read", all.looks.len(), all.faults)),
            Some(Err(fault)) => Err(format!("it is not whole: {}", told(fault))),
            None => Err("it does not come to an end".to_owned()),
        },
    );
    proof.holds(
        &name("ids"),
        match all.twice {
            0 => Ok("each stands for one record".to_owned()),
            some => Err(format!("{some} records have the id of another")),
        },
    );
    proof.holds(
        &name("the description"),
        match all.wrong.is_empty() {
            true => Ok("every record fits it".to_owned()),
            false => Err(all.wrong.iter().cloned().collect::<Vec<_>>().join("; ")),
        },
    );
    Ok(all)
}

/// Many small pages hold what a large one does.
async fn small(connector: &mut Connector, class: &Class, all: &Gathered, proof: &mut Proof) -> Result<(), Ended> {
    let name = format!("{}: small pages", class.name);
    let some = gather(connector, class, FEW, PAGES).await;
    let some = proof.answered(&name, some)?;
    let differs = some.looks.iter().filter(|(id, look)| all.looks.get(*id) != Some(look)).count();
    let missing = if some.end.is_some() { all.looks.len().saturating_sub(some.looks.len()) } else { 0 };
    proof.holds(
        &name,
        match (differs, missing, some.twice) {
            (0, 0, 0) => Ok(format!("{} records are the same in pages of {FEW}", some.looks.len())),
            _ => Err(format!(
                "in pages of {FEW}, {differs} records are others, {missing} are missing and {} come twice",
                some.twice
            )),
        },
    );
    Ok(())
}

async fn gather(connector: &mut Connector, class: &Class, max: u32, pages: usize) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    let mut from = None;
    for _ in 0..pages {
        let page = connector.read(&class.name, from, max).await?;
        from = gathered.take(class, page);
        if from.is_none() {
            break;
        }
    }
    Ok(gathered)
}

/// Fingerprints stand for the same records, and those that are picked by their places are them.
async fn fingerprints(
    connector: &mut Connector,
    class: &Class,
    all: &Gathered,
    proof: &mut Proof,
) -> Result<(), Ended> {
    let name = format!("{}: fingerprints", class.name);
    let (mut from, mut told, mut differs) = (None, 0, 0);
    // As many as the records and those that cannot be read, and some more: a source that goes round has no end.
    while told <= 2 * (all.looks.len() + all.faults as usize) + PAGE as usize {
        let marks = connector.fingerprints(&class.name, from.clone(), PAGE).await;
        let Marks { fingerprints, rest } = proof.answered(&name, marks)?;
        told += fingerprints.len();
        // Nobody asks for nothing.
        if let Some(last) = u32::try_from(fingerprints.len()).ok().and_then(|count| count.checked_sub(1)) {
            let mut places = vec![0, last / 2, last];
            places.dedup();
            let picked = connector.pick(&class.name, from.as_ref(), &places).await;
            let picked = proof.answered(&name, picked)?;
            for row in &picked.records {
                let is_known = |row: &Row| all.looks.get(&row.id) == Some(&look(&picked.columns, row));
                differs += usize::from(!row.as_ref().map_or(all.faults > 0, is_known));
            }
        }
        let Rest::More(next) = rest else { break };
        from = Some(next);
    }
    proof.holds(
        &name,
        match (told >= all.looks.len(), differs) {
            (true, 0) => Ok(format!("{told}, and what they stand for is picked by them")),
            (false, _) => Err(format!("there are {told} for {} records", all.looks.len())),
            (_, some) => Err(format!("{some} records that were picked are others than a read gives")),
        },
    );
    Ok(())
}

/// Nothing changed since now, and a token that nobody gave leads to a full read.
pub(super) async fn changes(connector: &mut Connector, class: &Class, proof: &mut Proof) -> Result<(), Ended> {
    let name = format!("{}: changes", class.name);
    let token = connector.latest(&class.name).await;
    let token = proof.answered(&name, token)?;
    let batch = connector.changes(&class.name, token, PAGE).await;
    let batch = proof.answered(&name, batch)?;
    proof.holds(
        &name,
        match batch {
            None => Ok("it wants a full read".to_owned()),
            Some(batch) if batch.gone.is_empty() => Ok(format!("{} since a moment ago", batch.page.rows.len())),
            Some(batch) => Err(format!("{} records are gone since a moment ago", batch.gone.len())),
        },
    );
    let name = format!("{}: a senseless token", class.name);
    match connector.changes(&class.name, NONSENSE.to_vec(), PAGE).await {
        Ok(None) => proof.holds(&name, Ok("a full read is asked for".to_owned())),
        answer => proof.refuses(&name, &answer, "it tells what changed since a token that it never gave")?,
    }
    Ok(())
}

/// Whatever a reference names is there.
fn references(whole: &BTreeMap<String, Gathered>, proof: &mut Proof) {
    for (class, gathered) in whole {
        for (other, ids) in &gathered.named {
            let Some(others) = whole.get(other) else { continue };
            let lost = ids.iter().filter(|id| !others.looks.contains_key(*id)).count();
            proof.holds(
                &format!("{class}: references"),
                match lost {
                    0 => Ok(format!("every {other} that is named is there")),
                    _ => Err(format!("{lost} of the {} {other}s that are named are not there", ids.len())),
                },
            );
        }
    }
}
