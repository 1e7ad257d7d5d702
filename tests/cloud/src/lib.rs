#![doc = include_str!("../README.md")]

mod tenant;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Answer, Attribute, AttributeInfo, AttributeTraits, Batch, Cell, Change, Changes, CheckResult, ClassInfo,
    ConnectionWant, Connector, Cursor, Description, Error, ErrorKind, Object, Outcome, Page, Target, Value, ValueKind,
};
use std::collections::BTreeMap;
use tenant::{Entry, Tenant};

/// Where the service is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of a files connection.
    pub folder: String,
}

/// The connector.
pub struct Cloud {
    folder: Folder,
}

impl Cloud {
    /// The service as it is, unless it is down.
    fn open(&self) -> Result<Tenant, Error> {
        if self.folder.stat("down")?.is_some() {
            return Err(Error::unavailable("The service is down"));
        }
        Tenant::read(&self.folder)
    }

    fn called(&self, call: &str) -> Result<(), Error> {
        self.folder.append("calls", format!("{call}\n").as_bytes())
    }

    /// Whether a file has a line.
    fn says(&self, file: &str, line: &str) -> Result<bool, Error> {
        if self.folder.stat(file)?.is_none() {
            return Ok(false);
        }
        Ok(String::from_utf8_lossy(&self.folder.read_all(file)?).lines().any(|own| own == line))
    }

    /// Notes a call that reads. In a preview nothing is written, not even this.
    fn read_of(&self, call: &str) -> Result<(), Error> {
        match self.called(call) {
            Err(error) if error.kind != ErrorKind::Permission => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts objects on a page, but for those that cannot be read.
    fn put<'t>(
        &self,
        page: &mut Page,
        objects: impl Iterator<Item = (&'t String, &'t Entry)>,
        attributes: &[String],
    ) -> Result<(), Error> {
        if self.says("unreadable", "?")? {
            page.fault(Error::invalid("It is not clear which one this is"));
        }
        for (id, entry) in objects {
            let name = tenant::values(entry, "name").first().and_then(Value::as_text).unwrap_or_default().to_owned();
            if self.says("unreadable", &name)? {
                page.fault(Error::invalid(format!("{name} makes no sense")).object(id));
                continue;
            }
            let row = page.row(id);
            for name in attributes {
                row.cell(Cell::Many(tenant::values(entry, name)));
            }
        }
        Ok(())
    }
}

fn user() -> ClassInfo {
    let text = |name, about| AttributeInfo::new(name, ValueKind::Text, about);
    ClassInfo::new("user", "An account")
        .attribute(text("name", "What it is called").required().unique())
        .attribute(text("mail", "The address, in small letters"))
        .attribute(text("title", "The title"))
        .attribute(text("key", "Whatever another system knows it by"))
        .attribute(text("proxies", "Further addresses").many())
        .attribute(text("licence", "The licences").many())
        .attribute(AttributeInfo::reference("manager", "user", "The manager's account"))
        .attribute(AttributeInfo::new("enabled", ValueKind::Boolean, "Whether it can be used"))
        .attribute(text("serial", "The number that the service gave it").with(AttributeTraits::READ_ONLY))
        .writable()
}

fn group() -> ClassInfo {
    ClassInfo::new("group", "A group")
        .attribute(AttributeInfo::new("name", ValueKind::Text, "What it is called").required().unique())
        .attribute(AttributeInfo::reference("member", "user", "Who is in it").many())
        .writable()
}

fn licence() -> ClassInfo {
    let number = |name, about| AttributeInfo::new(name, ValueKind::Integer, about).with(AttributeTraits::READ_ONLY);
    ClassInfo::new("licence", "A product with its seats")
        .attribute(AttributeInfo::new("sku", ValueKind::Text, "The product").with(AttributeTraits::READ_ONLY))
        .attribute(number("total", "How many seats there are"))
        .attribute(number("used", "How many of them are taken"))
        .attribute(number("free", "How many of them are free"))
}

impl Connector for Cloud {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("cloud", env!("CARGO_PKG_VERSION"), "Nobody", "A cloud service in a file")
            .wants(ConnectionWant::files("folder", Access::Write, "everything that the service has"))
            .class(user())
            .class(group())
            .class(licence())
            .batch(100)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Cloud { folder: Folder::new(settings.folder) })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        self.open()?;
        Ok(vec![CheckResult::info("service", "It is there")])
    }
}

impl Target for Cloud {
    fn read(&mut self, class: &str, attributes: &[String], _from: Option<Cursor>, _max: u32) -> Result<Page, Error> {
        let tenant = self.open()?;
        self.read_of(&format!("read {class}"))?;
        let mut page = Page::new(attributes);
        if class == "licence" {
            for (sku, total) in &tenant.seats {
                let used = tenant.used(sku);
                let row = page.row(sku);
                for name in attributes {
                    row.cell(match name.as_str() {
                        "sku" => Cell::from(sku.as_str()),
                        "total" => Cell::from(*total),
                        "used" => Cell::from(used),
                        _ => Cell::from(total - used),
                    });
                }
            }
            return Ok(page);
        }
        self.put(&mut page, tenant.of(class), attributes)?;
        Ok(page)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        let tenant = self.open()?;
        let at = |id: &String| tenant.of(class).find(|(known, _)| *known == id).map(|found| object(found, attributes));
        Ok(ids.iter().map(at).collect())
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        let tenant = self.open()?;
        let name = create.iter().find(|attribute| attribute.name == "name").map(|attribute| attribute.values.clone());
        let called = |entry: &Entry| name.as_ref().is_some_and(|name| tenant::values(entry, "name") == *name);
        Ok(tenant.of(class).find(|(_, entry)| called(entry)).map(|found| object(found, attributes)))
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        let mut tenant = self.open()?;
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            let told = tenant.told(&change);
            self.called(&told)?;
            if self.says("refused", &told)? {
                outcomes.push(Outcome::Rejected(Error::new(ErrorKind::Conflict, "Not now")));
                continue;
            }
            outcomes.push(match tenant.carry_out(&change) {
                Ok(applied) => Outcome::Applied(applied),
                Err(error) => Outcome::Rejected(error),
            });
        }
        tenant.write(&self.folder)?;
        assert!(self.folder.stat("lost")?.is_none(), "the answer is lost on the way");
        Ok(outcomes)
    }
}

/// A token says what every object was like, so that whatever changed is told, whoever changed it.
impl Changes for Cloud {
    fn latest(&mut self, class: &str) -> Result<Cursor, Error> {
        let tenant = self.open()?;
        if self.folder.stat("mute")?.is_some() {
            return Err(Error::unsupported("Nobody notes what changed"));
        }
        token(&tenant.marks(class))
    }

    fn changes(&mut self, class: &str, since: Cursor, _max: u32) -> Result<Answer, Error> {
        let tenant = self.open()?;
        self.read_of(&format!("changes {class}"))?;
        let before = serde_json::from_slice::<BTreeMap<String, String>>(&since).ok();
        let Some(before) = before.filter(|_| class != "licence") else { return Ok(Answer::Expired) };
        if self.folder.stat("forgetful")?.is_some() {
            return Ok(Answer::Expired);
        }
        let now = tenant.marks(class);
        let changed = |id: &String| before.get(id) != now.get(id);
        let known = if class == "user" { user() } else { group() }.attributes.into_iter();
        // Nobody notes when these change.
        let columns: Vec<String> = known.map(|own| own.name).filter(|name| name != "proxies").collect();
        let mut page = Page::new(&columns);
        self.put(&mut page, tenant.of(class).filter(|(id, _)| changed(id)), &columns)?;
        let gone = before.keys().filter(|id| !now.contains_key(*id)).cloned().collect();
        Ok(Answer::Batch(Batch { page, gone, next: token(&now)? }))
    }
}

fn token(marks: &BTreeMap<String, String>) -> Result<Cursor, Error> {
    serde_json::to_vec(marks).map_err(|error| Error::internal(error.to_string()))
}

fn object((id, entry): (&String, &Entry), attributes: &[String]) -> Object {
    let attribute = |name: &String| Attribute { name: name.clone(), values: tenant::values(entry, name) };
    let attributes: Vec<Attribute> = attributes.iter().map(attribute).collect();
    Object { id: id.clone(), version: None, attributes }
}

/// A value as it is kept.
fn kept(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) | Value::Reference(text) => serde_json::Value::from(text.as_str()),
        Value::Boolean(truth) => serde_json::Value::from(*truth),
        Value::Integer(number) => serde_json::Value::from(*number),
        other => serde_json::Value::from(format!("{other:?}")),
    }
}

sluss_sdk::export!(Cloud: target + changes);
