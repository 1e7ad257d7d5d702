//! Between the contract's types and the engine's: the only place that knows both.
//!
//! A page may hold thousands of values, so what comes from a connector is moved and never cloned. What a connector may
//! get wrong in a single record (a day that does not exist, a number that is none) becomes a fault of that record.

use crate::bindings::guest::{changes, connector, fingerprints, register, target};
use crate::bindings::host::types as wit;
use crate::scrub::Scrubber;
use sluss_engine::change::{Applied, Change, Edit, Operation, Outcome};
use sluss_engine::fault::{Fault, FaultKind, Place};
use sluss_engine::record::{Marks, Object, Page, Rest, Row, Selection};
use sluss_engine::value::{Attributes, Cell, Value};

mod describe;
pub(crate) use describe::{description, finding};

/// A value that the contract allows and no system can mean.
pub(crate) struct NoValue(&'static str);

/// A fault as a connector reported it. Texts are cleaned; the object's id is data, and stays as it is.
pub(crate) fn fault(error: wit::Error, scrubber: &Scrubber) -> Fault {
    let clean = |text: String| scrubber.clean(&text);
    Fault {
        kind: kind(error.kind),
        message: clean(error.message),
        code: error.code.map(clean),
        retry_after_ms: error.retry_after_ms,
        object: error.object,
        attribute: error.attribute.map(clean),
        place: error.place.map(|place| Place { file: clean(place.file), line: place.line, column: place.column }),
        sent: error.sent,
    }
}

/// A fault as a connector is told it.
pub(crate) fn error(fault: Fault) -> wit::Error {
    wit::Error {
        kind: error_kind(fault.kind),
        message: fault.message,
        code: fault.code,
        retry_after_ms: fault.retry_after_ms,
        object: fault.object,
        attribute: fault.attribute,
        place: fault.place.map(|place| wit::Place { file: place.file, line: place.line, column: place.column }),
        sent: fault.sent,
    }
}

/// A page, with the rows that hold an impossible value turned into faults.
pub(crate) fn page(page: wit::Page, scrubber: &Scrubber) -> Page {
    let wit::Page { columns, rows, faults, rest } = page;
    let mut faults: Vec<Fault> = faults.into_iter().map(|error| fault(error, scrubber)).collect();
    let mut whole = Vec::with_capacity(rows.len());
    for given in rows {
        match row(given, &columns) {
            Ok(row) => whole.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    Page { columns, rows: whole, faults, rest: self::rest(rest, scrubber) }
}

/// The fingerprints of a part of a read.
pub(crate) fn marks(given: fingerprints::Marks, scrubber: &Scrubber) -> Marks {
    let fingerprints::Marks { fingerprints, rest } = given;
    let fingerprints = fingerprints.into_iter().map(|(high, low)| u128::from(high) << 64 | u128::from(low)).collect();
    Marks { fingerprints, rest: self::rest(rest, scrubber) }
}

/// Some records of a part of a read.
pub(crate) fn selection(given: fingerprints::Selection, scrubber: &Scrubber) -> Selection {
    let fingerprints::Selection { columns, records } = given;
    let records = records.into_iter().map(|record| match record {
        Ok(given) => row(given, &columns),
        Err(error) => Err(fault(error, scrubber)),
    });
    Selection { records: records.collect(), columns }
}

fn row(given: wit::Row, columns: &[String]) -> Result<Row, Fault> {
    let wit::Row { id, version, cells } = given;
    let mut wrong = None;
    let cells = cells
        .into_iter()
        .enumerate()
        .map(|(at, given)| {
            cell(given).unwrap_or_else(|no_value| {
                wrong.get_or_insert((at, no_value));
                Cell::Absent
            })
        })
        .collect();
    match wrong {
        None => Ok(Row { id, version, cells }),
        Some((at, no_value)) => Err(impossible(id, columns.get(at).cloned(), &no_value)),
    }
}

fn rest(rest: wit::Rest, scrubber: &Scrubber) -> Rest {
    match rest {
        wit::Rest::More(cursor) => Rest::More(cursor),
        wit::Rest::Complete => Rest::Complete,
        wit::Rest::Incomplete(error) => Rest::Incomplete(fault(error, scrubber)),
    }
}

/// What changed since a token.
pub(crate) fn batch(batch: changes::Batch, scrubber: &Scrubber) -> (Page, Vec<String>, Vec<u8>) {
    (page(batch.page, scrubber), batch.gone, batch.next)
}

/// An object of a target.
pub(crate) fn object(object: wit::Object) -> Result<Object, Fault> {
    let wit::Object { id, version, attributes: given } = object;
    match attributes(given) {
        Ok(attributes) => Ok(Object { id, version, attributes }),
        Err((name, no_value)) => Err(impossible(id, Some(name), &no_value)),
    }
}

/// What a register found.
pub(crate) fn found(found: register::Finding, scrubber: &Scrubber) -> Result<Option<Attributes>, Fault> {
    match found {
        register::Finding::Found(given) => attributes(given).map(Some).map_err(|(name, no_value)| {
            let mut fault = Fault::new(FaultKind::Invalid, format!("the register's answer holds {}", no_value.0));
            fault.attribute = Some(name);
            fault
        }),
        register::Finding::Unknown => Ok(None),
        register::Finding::Failed(error) => Err(fault(error, scrubber)),
    }
}

/// What became of a change. An attribute with a value that cannot be is left out of what the target computed.
pub(crate) fn outcome(outcome: target::Outcome, scrubber: &Scrubber) -> Outcome {
    match outcome {
        target::Outcome::Applied(given) => Outcome::Applied(applied(given)),
        target::Outcome::Unchanged(given) => Outcome::Unchanged(applied(given)),
        target::Outcome::Rejected(error) => Outcome::Rejected(fault(error, scrubber)),
        target::Outcome::Unknown(error) => Outcome::Unknown(fault(error, scrubber)),
    }
}

fn applied(applied: target::Applied) -> Applied {
    let computed =
        applied.computed.into_iter().filter_map(|wit::Attribute { name, values: given }| match values(given) {
            Ok(values) => Some((name, values)),
            Err(no_value) => {
                // The write was carried out all the same; a later read tells what is there.
                tracing::warn!(attribute = %name, "a target computed {}, which is left out", no_value.0);
                None
            }
        });
    Applied { id: applied.id, version: applied.version, computed: computed.collect() }
}

/// A change as a target is asked for it.
pub(crate) fn change(change: &Change) -> target::Change {
    let operation = match &change.operation {
        Operation::Create(attributes) => target::Operation::Create(named(attributes)),
        Operation::Update { id, version, modifications } => target::Operation::Update(target::Update {
            id: id.clone(),
            version: version.clone(),
            modifications: modifications
                .iter()
                .map(|(attribute, edit)| target::Modification { attribute: attribute.clone(), edit: wit_edit(edit) })
                .collect(),
        }),
        Operation::Remove(id) => target::Operation::Remove(id.clone()),
    };
    target::Change { id: change.id, class: change.class.clone(), operation }
}

/// Attributes as a connector is told them.
pub(crate) fn named(attributes: &Attributes) -> Vec<wit::Attribute> {
    attributes.iter().map(|(name, values)| wit::Attribute { name: name.clone(), values: wit_values(values) }).collect()
}

fn wit_edit(edit: &Edit) -> target::Edit {
    match edit {
        Edit::Add(values) => target::Edit::Add(wit_values(values)),
        Edit::Remove(values) => target::Edit::Remove(wit_values(values)),
        Edit::Replace(values) => target::Edit::Replace(wit_values(values)),
    }
}

fn wit_values(values: &[Value]) -> Vec<wit::Value> {
    values.iter().map(wit_value).collect()
}

fn wit_value(value: &Value) -> wit::Value {
    match value {
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Boolean(yes) => wit::Value::Boolean(*yes),
        Value::Integer(number) => wit::Value::Integer(*number),
        Value::Real(number) => wit::Value::Real(*number),
        Value::Date(date) => wit::Value::Date(wit::Date {
            // The contract has no years before the first; no system that this speaks with has either.
            year: u16::try_from(date.year()).unwrap_or(0),
            month: date.month().unsigned_abs(),
            day: date.day().unsigned_abs(),
        }),
        Value::Timestamp(moment) => wit::Value::Timestamp(*moment),
        Value::Binary(bytes) => wit::Value::Binary(bytes.clone()),
        Value::Reference(id) => wit::Value::Reference(id.clone()),
    }
}

fn attributes(given: Vec<wit::Attribute>) -> Result<Attributes, (String, NoValue)> {
    given
        .into_iter()
        .map(|wit::Attribute { name, values: given }| match values(given) {
            Ok(values) => Ok((name, values)),
            Err(no_value) => Err((name, no_value)),
        })
        .collect()
}

fn cell(given: wit::Cell) -> Result<Cell, NoValue> {
    Ok(match given {
        wit::Cell::Absent => Cell::Absent,
        wit::Cell::One(one) => Cell::One(value(one)?),
        wit::Cell::Many(many) => Cell::Many(values(many)?),
    })
}

fn values(given: Vec<wit::Value>) -> Result<Vec<Value>, NoValue> {
    given.into_iter().map(value).collect()
}

fn value(given: wit::Value) -> Result<Value, NoValue> {
    Ok(match given {
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::Boolean(yes) => Value::Boolean(yes),
        wit::Value::Integer(number) => Value::Integer(number),
        wit::Value::Real(number) if number.is_nan() => return Err(NoValue("a number that is none (NaN)")),
        wit::Value::Real(number) => Value::Real(number),
        wit::Value::Date(date) => Value::Date(day(date).ok_or(NoValue("a day that does not exist"))?),
        wit::Value::Timestamp(moment) => Value::Timestamp(moment),
        wit::Value::Binary(bytes) => Value::Binary(bytes),
        wit::Value::Reference(id) => Value::Reference(id),
    })
}

fn day(date: wit::Date) -> Option<jiff::civil::Date> {
    let (year, month, day) =
        (i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    jiff::civil::Date::new(year, month, day).ok()
}

fn impossible(id: String, attribute: Option<String>, no_value: &NoValue) -> Fault {
    let mut fault = Fault::new(FaultKind::Invalid, format!("the record holds {}", no_value.0));
    fault.object = Some(id);
    fault.attribute = attribute;
    fault
}

fn kind(kind: wit::ErrorKind) -> FaultKind {
    match kind {
        wit::ErrorKind::Config => FaultKind::Config,
        wit::ErrorKind::Auth => FaultKind::Auth,
        wit::ErrorKind::Permission => FaultKind::Permission,
        wit::ErrorKind::NotFound => FaultKind::NotFound,
        wit::ErrorKind::AlreadyExists => FaultKind::AlreadyExists,
        wit::ErrorKind::Conflict => FaultKind::Conflict,
        wit::ErrorKind::Invalid => FaultKind::Invalid,
        wit::ErrorKind::Throttled => FaultKind::Throttled,
        wit::ErrorKind::Unavailable => FaultKind::Unavailable,
        wit::ErrorKind::Unsupported => FaultKind::Unsupported,
        wit::ErrorKind::Internal => FaultKind::Internal,
    }
}

fn error_kind(kind: FaultKind) -> wit::ErrorKind {
    match kind {
        FaultKind::Config => wit::ErrorKind::Config,
        FaultKind::Auth => wit::ErrorKind::Auth,
        FaultKind::Permission => wit::ErrorKind::Permission,
        FaultKind::NotFound => wit::ErrorKind::NotFound,
        FaultKind::AlreadyExists => wit::ErrorKind::AlreadyExists,
        FaultKind::Conflict => wit::ErrorKind::Conflict,
        FaultKind::Invalid => wit::ErrorKind::Invalid,
        FaultKind::Throttled => wit::ErrorKind::Throttled,
        FaultKind::Unavailable => wit::ErrorKind::Unavailable,
        FaultKind::Unsupported => wit::ErrorKind::Unsupported,
        FaultKind::Internal => wit::ErrorKind::Internal,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(id: &str, cells: Vec<wit::Cell>) -> wit::Row {
        wit::Row { id: id.to_owned(), version: None, cells }
    }

    #[test]
    fn an_impossible_value_costs_its_record_only() {
        let date = |year, month, day| wit::Cell::One(wit::Value::Date(wit::Date { year, month, day }));
        let given = wit::Page {
            columns: vec!["name".to_owned(), "from".to_owned()],
            rows: vec![
                row("1", vec![wit::Cell::Absent, date(2024, 2, 29)]),
                row("2", vec![wit::Cell::One(wit::Value::Text("Åsa".to_owned())), date(2023, 2, 29)]),
                row("3", vec![wit::Cell::Many(vec![wit::Value::Real(f64::NAN)])]),
                row("4", vec![date(0, 200, 200), date(65535, 1, 1)]),
                row("5", vec![wit::Cell::Many(Vec::new())]),
            ],
            faults: Vec::new(),
            rest: wit::Rest::Complete,
        };
        let page = page(given, &Scrubber::default());
        let ids: Vec<_> = page.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["1", "5"]);
        assert_eq!(page.rows[0].cells, [Cell::Absent, Cell::One(Value::Date(jiff::civil::date(2024, 2, 29)))]);
        assert_eq!(page.rows[1].cells, [Cell::Many(Vec::new())]);
        let faults: Vec<_> = page
            .faults
            .iter()
            .map(|fault| {
                (fault.object.as_deref().unwrap(), fault.attribute.as_deref().unwrap(), fault.message.as_str())
            })
            .collect();
        assert_eq!(
            faults,
            [
                ("2", "from", "the record holds a day that does not exist"),
                ("3", "name", "the record holds a number that is none (NaN)"),
                ("4", "name", "the record holds a day that does not exist"),
            ]
        );
    }

    #[test]
    fn a_fault_goes_there_and_back() {
        let mut before = Fault::new(FaultKind::Throttled, "later");
        before.code = Some("51".to_owned());
        before.retry_after_ms = Some(5000);
        before.object = Some("198602212394".to_owned());
        before.attribute = Some("member".to_owned());
        before.place = Some(Place { file: "a.csv".to_owned(), line: Some(3), column: None });
        before.sent = true;
        assert_eq!(fault(error(before.clone()), &Scrubber::default()), before);
    }

    #[test]
    fn texts_of_a_fault_are_cleaned_and_its_object_is_not() {
        let mut given = error(Fault::new(FaultKind::Invalid, "19860221-2394 is\u{1b}[1m double"));
        given.object = Some("19860221-2394".to_owned());
        given.code = Some("x19860221-2394".to_owned());
        let fault = fault(given, &Scrubber::default());
        assert_eq!(fault.message, "[number] is double");
        assert_eq!(fault.code.as_deref(), Some("x[number]"));
        assert_eq!(fault.object.as_deref(), Some("19860221-2394"));
    }
}
