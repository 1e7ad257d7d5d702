//! What the tests of school systems have in common: opening a plugin, and reading all pages of a class.

use sluss_engine::fault::Fault;
use sluss_engine::record::{Rest, Row};
use sluss_engine::value::{Cell, Value};
use sluss_plugin::{Compiler, Connection, Connector, Grants, Limits, Mode, Open, Plugin, Sandbox, SandboxConfig};
use std::path::Path;

/// A plugin as it ships.
pub fn plugin(name: &str, bytes: &'static [u8]) -> Plugin {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let compiler = Compiler::new(env!("CARGO_BIN_EXE_sluss").into(), ["__compile"]);
    Sandbox::new(SandboxConfig { cache, compiler }).unwrap().load(bytes).unwrap()
}

/// How a plugin is set up.
pub struct Opening<'o> {
    pub plugin: &'static Plugin,
    pub system: &'o str,
    /// The connection `school`.
    pub connection: String,
    pub settings: String,
    /// Where its files are.
    pub folder: &'o Path,
}

/// Opens it, with the limits that it has by default.
pub async fn open(opening: Opening<'_>) -> Connector {
    let mut connection: Connection = toml::from_str(&opening.connection).unwrap();
    connection.settle_in(opening.folder);
    let settings: toml::Table = toml::from_str(&opening.settings).unwrap();
    let open = Open {
        system: opening.system.to_owned(),
        settings: serde_json::to_value(settings).unwrap(),
        grants: Grants::from_iter([("school".to_owned(), connection)]),
        limits: Limits::default(),
        mode: Mode::Preview,
    };
    opening.plugin.open(open).await.unwrap()
}

/// All pages of a class.
pub struct Read {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub faults: Vec<Fault>,
    pub pages: usize,
    pub end: Result<Rest, Fault>,
}

/// Reads all pages of a class.
pub async fn all(connector: &mut Connector, class: &str, max: u32) -> Read {
    let mut read =
        Read { columns: Vec::new(), rows: Vec::new(), faults: Vec::new(), pages: 0, end: Ok(Rest::Complete) };
    let mut from = None;
    loop {
        let page = match connector.read(class, from, max).await {
            Ok(page) => page,
            Err(fault) => {
                read.end = Err(fault);
                return read;
            }
        };
        read.pages += 1;
        if !page.columns.is_empty() {
            read.columns = page.columns.iter().map(ToString::to_string).collect();
        }
        read.rows.extend(page.rows);
        read.faults.extend(page.faults);
        match page.rest {
            Rest::More(next) => from = Some(next),
            rest => {
                read.end = Ok(rest);
                return read;
            }
        }
    }
}

impl Read {
    /// The read, if it was whole and without a fault.
    #[track_caller]
    pub fn whole(self) -> Read {
        assert!(matches!(self.end, Ok(Rest::Complete)), "{:?}", self.end);
        assert!(self.faults.is_empty(), "{:?}", self.faults);
        self
    }
}

/// The read ended with a fault that tells of nobody, and that broke no plugin.
#[track_caller]
pub fn failed(read: &Read, what: &str) {
    let Err(fault) = &read.end else { panic!("{what}: {:?}", read.end) };
    let said = format!("{fault:?}");
    for never in ["Hemlig", "[number]", "s3cret", "trapped", "limit"] {
        assert!(!said.contains(never), "{what}: {said}");
    }
}

/// The position of a column.
pub fn column(read: &Read, name: &str) -> Option<usize> {
    read.columns.iter().position(|own| own == name)
}

/// What stands in a column of a row, as texts.
#[track_caller]
pub fn texts(read: &Read, row: &Row, name: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        Value::Reference(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        other => format!("{other:?}"),
    };
    match row.cells.get(column(read, name).unwrap()) {
        None | Some(Cell::Absent) => Vec::new(),
        Some(Cell::One(value)) => vec![text(value)],
        Some(Cell::Many(values)) => values.iter().map(text).collect(),
    }
}
