//! A school system in memory, and a host that remembers what it was told.

#![allow(clippy::unwrap_used, dead_code)]

use serde_json::json;
use sluss_plugin_ss12000::Settings;
use sluss_plugin_ss12000::class::Class;
use sluss_plugin_ss12000::reading::Reading;
use sluss_plugin_ss12000::service::Service;
use sluss_sdk::http::Response;
use sluss_sdk::{Answer, Cell, Error, Rest, Value};
use sluss_test_servers::ss12000::School;
use sluss_test_servers::ss12000::school::Query;
use std::cell::{Cell as Held, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// 22 November 2026, in the morning.
pub const NOW: i64 = 1_795_339_200;

/// What is done with an answer before it is given.
type Twist = Box<dyn FnMut(&str, &mut Response)>;

/// A school system that is asked without a wire.
#[derive(Clone)]
pub struct InMemory {
    pub school: Rc<RefCell<School>>,
    pub asked: Rc<Held<usize>>,
    pub twist: Rc<RefCell<Option<Twist>>>,
}

impl InMemory {
    pub fn new(school: School) -> InMemory {
        let school = Rc::new(RefCell::new(school));
        InMemory { school, asked: Rc::default(), twist: Rc::default() }
    }

    /// Does this with every answer from now on.
    pub fn twist(&self, twist: impl FnMut(&str, &mut Response) + 'static) {
        *self.twist.borrow_mut() = Some(Box::new(twist));
    }
}

impl Service for InMemory {
    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Response, Error> {
        self.asked.set(self.asked.get() + 1);
        let fields: Query = query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        assert_eq!(fields.len(), query.len(), "a field twice");
        let (status, body) = self.school.borrow().answer(path, &fields);
        let mut response = Response { status, headers: Vec::new(), body: body.to_string().into_bytes() };
        if let Some(twist) = &mut *self.twist.borrow_mut() {
            twist(path, &mut response);
        }
        Ok(response)
    }

    fn now(&self) -> i64 {
        self.school.borrow().now
    }
}

pub fn settings(more: serde_json::Value) -> Settings {
    let mut all = json!({"connection": "school", "organisation": "9999"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

pub fn reading(service: &InMemory, more: serde_json::Value) -> Reading<InMemory> {
    Reading::new(service.clone(), &settings(more))
}

/// A record, by the names of its attributes; what is absent is left out.
pub type Record = BTreeMap<String, Vec<String>>;

/// The records of a class.
pub type Records = BTreeMap<String, Record>;

/// What a read came to.
#[derive(Debug, Default)]
pub struct Ended {
    pub records: Records,
    pub faults: Vec<Error>,
    pub calls: usize,
}

fn told(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Reference(text) => text.clone(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        other => panic!("{other:?} is not given"),
    }
}

fn take(records: &mut Records, page: &sluss_sdk::Page, is_full: bool) {
    for row in &page.rows {
        assert_eq!(row.cells.len(), page.columns.len());
        let cells = page.columns.iter().zip(&row.cells).filter_map(|(name, cell)| match cell {
            Cell::Absent => None,
            Cell::One(value) => Some((name.clone(), vec![told(value)])),
            Cell::Many(values) => Some((name.clone(), values.iter().map(told).collect())),
        });
        let before = records.insert(row.id.clone(), cells.collect());
        assert!(before.is_none() || !is_full, "{} came twice", row.id);
    }
}

/// Reads a class in full, in pages of this size.
pub fn full(reading: &mut Reading<InMemory>, class: Class, max: u32) -> Result<Ended, Error> {
    let mut ended = Ended::default();
    let mut cursor: Option<Vec<u8>> = None;
    loop {
        let page = reading.read(class, cursor.as_deref(), max)?;
        ended.calls += 1;
        assert!(page.rows.len() <= max as usize && ended.calls < 100_000);
        take(&mut ended.records, &page, true);
        ended.faults.extend(page.faults);
        match page.rest {
            Rest::More(next) => cursor = Some(next),
            Rest::Complete => return Ok(ended),
            Rest::Incomplete(error) => return Err(error),
        }
    }
}

/// What a question about changes came to.
#[derive(Debug)]
pub enum Told {
    Expired,
    /// How many records were told, and how many of the ids were known.
    Changed(usize, usize),
}

/// Asks what changed, and remembers it.
pub fn changes(
    reading: &mut Reading<InMemory>,
    class: Class,
    token: &mut Vec<u8>,
    records: &mut Records,
    max: u32,
) -> Result<Told, Error> {
    let mut since = token.clone();
    let (mut given, mut gone) = (0, 0);
    let mut known = records.clone();
    loop {
        match reading.changes(class, &since, max)? {
            Answer::Expired => return Ok(Told::Expired),
            Answer::Batch(batch) => {
                assert!(
                    batch.page.faults.is_empty() && batch.page.rows.len() <= max as usize,
                    "{:?}",
                    batch.page.faults
                );
                take(&mut known, &batch.page, false);
                given += batch.page.rows.len();
                gone += batch.gone.iter().filter(|id| known.remove(*id).is_some()).count();
                match batch.page.rest {
                    Rest::More(next) => since = next,
                    Rest::Complete => {
                        *token = batch.next;
                        *records = known;
                        return Ok(Told::Changed(given, gone));
                    }
                    Rest::Incomplete(error) => return Err(error),
                }
            }
        }
    }
}
