//! A target: the same objects however they are read, each as its class says. Nothing is written.

use super::class::{Gathered, look};
use super::{Ended, Proof, told};
use sluss_engine::fault::Fault;
use sluss_engine::record::Row;
use sluss_engine::value::Cell;
use sluss_plugin::description::Class;
use sluss_plugin::{Connector, Description};

const PAGE: u32 = 1000;
const FEW: u32 = 3;
const PAGES: usize = 60;
/// How many objects are asked for by their ids.
const ASKED: usize = 20;

/// Looks at every class that can be read.
pub async fn target(connector: &mut Connector, description: &Description, proof: &mut Proof) -> Result<(), Ended> {
    for class in description.classes.iter().filter(|class| class.operations.read) {
        let name = |what: &str| format!("{}: {what}", class.name);
        let attributes: Vec<String> = class
            .attributes
            .iter()
            .filter(|attribute| !attribute.traits.write_only)
            .map(|attribute| attribute.name.clone())
            .collect();
        let all = gather(connector, class, &attributes, PAGE, usize::MAX).await;
        let all = proof.answered(&name("a full read"), all)?;
        proof.holds(
            &name("a full read"),
            match &all.end {
                Some(Ok(())) => Ok(format!("{} objects", all.looks.len())),
                Some(Err(fault)) => Err(format!("it is not whole: {}", told(fault))),
                None => Err("it does not come to an end".to_owned()),
            },
        );
        proof.holds(
            &name("the description"),
            match (all.wrong.is_empty(), all.twice) {
                (true, 0) => Ok("every object fits it, and has an id of its own".to_owned()),
                (true, some) => Err(format!("{some} objects have the id of another")),
                (false, _) => Err(all.wrong.iter().cloned().collect::<Vec<_>>().join("; ")),
            },
        );
        let some = gather(connector, class, &attributes, FEW, PAGES).await;
        let some = proof.answered(&name("small pages"), some)?;
        let same = some.order == all.order[..some.order.len().min(all.order.len())]
            && some.looks.iter().all(|(id, look)| all.looks.get(id) == Some(look));
        proof.holds(
            &name("small pages"),
            match same {
                true => Ok(format!("{} objects are the same, in the same order", some.looks.len())),
                false => Err(format!("in pages of {FEW} they are others, or come in another order")),
            },
        );
        let ids: Vec<String> = all.order.iter().take(ASKED).cloned().collect();
        let objects = connector.get(&class.name, &ids, &attributes).await;
        let objects = proof.answered(&name("by their ids"), objects)?;
        let differs = ids.iter().zip(objects).filter(|(id, object)| {
            let Some(object) = object else { return true };
            let (columns, cells) =
                object.attributes.iter().cloned().map(|(name, values)| (name, Cell::Many(values))).unzip();
            let columns: Vec<String> = columns;
            let row = Row { id: object.id.clone(), version: None, cells };
            object.id != **id || all.looks.get(*id) != Some(&look(&columns, &row))
        });
        let differs = differs.count();
        proof.holds(
            &name("by their ids"),
            match differs {
                0 => Ok(format!("{} objects are the same", ids.len())),
                some => Err(format!("{some} of {} objects are others than a read gives, or not there", ids.len())),
            },
        );
        if connector.tells_changes() {
            super::source::changes(connector, class, proof).await?;
        }
    }
    let answer = connector.read_target("no-such-class", &[], None, FEW).await;
    proof.refuses("an unknown class", &answer, "it reads a class that it does not describe")
}

async fn gather(
    connector: &mut Connector,
    class: &Class,
    attributes: &[String],
    max: u32,
    pages: usize,
) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    let mut from = None;
    for _ in 0..pages {
        let mut page = connector.read_target(&class.name, attributes, from, max).await?;
        // One value and a list of one are the same to whoever asks for attributes.
        for cell in page.rows.iter_mut().flat_map(|row| &mut row.cells) {
            match std::mem::replace(cell, Cell::Absent) {
                Cell::One(value) => *cell = Cell::Many(vec![value]),
                Cell::Many(values) if !values.is_empty() => *cell = Cell::Many(values),
                Cell::Many(_) | Cell::Absent => {}
            }
        }
        from = gathered.take(class, page);
        if from.is_none() {
            break;
        }
    }
    Ok(gathered)
}
