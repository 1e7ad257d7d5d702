//! A register: as many findings as numbers, and nobody behind a number that nobody can have. Nobody real is asked about:
//! some registers charge for it.

use super::{Ended, Proof, told};
use sluss_plugin::{Connector, Description};

/// What nobody can be found under: no number, one without its date, one with a wrong check digit, a temporary one.
const NOBODY: [&str; 4] = ["", "x", "190001010000", "20150101TF01"];

/// Asks about nobody.
pub async fn register(connector: &mut Connector, description: &Description, proof: &mut Proof) -> Result<(), Ended> {
    proof.holds(
        "the class `person`",
        match description.class("person") {
            Some(_) => Ok("it is described".to_owned()),
            None => Err("it is not described".to_owned()),
        },
    );
    let findings = connector.look_up(&[]).await;
    let findings = proof.answered("no number at all", findings)?;
    proof.holds("no number at all", Ok(format!("{} findings", findings.len())));
    let numbers = NOBODY.map(str::to_owned);
    let findings = connector.look_up(&numbers).await;
    let findings = proof.answered("numbers of nobody", findings)?;
    let found = findings.iter().filter(|finding| matches!(finding, Ok(Some(_)))).count();
    let failed = findings.iter().filter_map(|finding| finding.as_ref().err()).map(told).next();
    proof.holds(
        "numbers of nobody",
        match (found, failed) {
            (0, None) => Ok("nobody is found under them".to_owned()),
            (0, Some(why)) => Ok(format!("nobody is found under them; of one it says: {why}")),
            (some, _) => Err(format!("it finds somebody under {some} of them")),
        },
    );
    let again = connector.look_up(&numbers).await;
    let again = proof.answered("once more", again)?;
    proof.holds(
        "once more",
        match again == findings {
            true => Ok("the same questions have the same answers".to_owned()),
            false => Err("the same questions have other answers".to_owned()),
        },
    );
    Ok(())
}
