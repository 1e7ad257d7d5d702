//! What is known of the tenant beside its objects: asked once, before anything is written.

use crate::answer::Answer;
use crate::graph::{Asked, Graph};
use crate::licence::Catalogue;
use serde_json::Value as Json;
use sluss_sdk::http::Response;
use sluss_sdk::{Error, ErrorKind};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What is known of the tenant.
#[derive(Debug, Default)]
pub struct Known {
    /// What Graph calls itself, with its version; references need it.
    base: RefCell<Option<String>>,
    /// Whether Active Directory owns some of its objects.
    syncs: Cell<Option<bool>>,
    catalogue: RefCell<Option<Rc<Catalogue>>>,
}

/// How many milliseconds to wait where Graph does not say.
const SILENT: u32 = 10_000;

/// Asks Graph for one thing.
pub fn ask(graph: &impl Graph, asked: &Asked, what: &str) -> Result<Json, Error> {
    read(&graph.send(asked)?, what)
}

/// Reads an answer to a request of its own.
pub fn read(response: &Response, what: &str) -> Result<Json, Error> {
    Answer::of(response).read(what).map_err(|error| match (error.kind, error.retry_after_ms) {
        (ErrorKind::Throttled, None) => Error { retry_after_ms: Some(SILENT), ..error },
        _ => error,
    })
}

impl Known {
    /// The address of an object, as references write it.
    pub fn reference(&self, collection: &str, id: &str) -> String {
        format!("{}/{collection}/{id}", self.base.borrow().as_deref().unwrap_or_default())
    }

    /// Whether Active Directory may own an object.
    pub fn syncs(&self) -> bool {
        self.syncs.get().unwrap_or(true)
    }

    /// The products, as they were asked for last.
    pub fn catalogue(&self) -> Option<Rc<Catalogue>> {
        self.catalogue.borrow().clone()
    }

    /// Learns what Graph calls itself. No plugin knows an address: every answer of Graph tells it where it says what its
    /// parts mean.
    pub fn learn_base(&self, graph: &impl Graph) -> Result<(), Error> {
        if self.base.borrow().is_some() {
            return Ok(());
        }
        let asked = Asked::get("/users").option("$select", "id").option("$top", "1");
        let told = ask(graph, &asked, "tell a user")?;
        let context = told["@odata.context"].as_str().and_then(|context| context.split_once("/$metadata"));
        let (base, _) = context.ok_or_else(|| {
            Error::unavailable("Graph does not say in its answers (`@odata.context`) what it calls itself")
        })?;
        *self.base.borrow_mut() = Some(base.to_owned());
        Ok(())
    }

    /// Learns whether Active Directory owns objects here. Who may not ask has to look at each.
    pub fn learn_syncs(&self, graph: &impl Graph) -> Result<(), Error> {
        if self.syncs.get().is_some() {
            return Ok(());
        }
        let asked = Asked::get("/organization").option("$select", "id,onPremisesSyncEnabled");
        match ask(graph, &asked, "tell about the organisation") {
            Ok(told) => {
                let own = told["value"].get(0).filter(|own| own.is_object());
                self.syncs.set(own.map(|own| own["onPremisesSyncEnabled"] == true));
                Ok(())
            }
            Err(error) if error.kind == ErrorKind::Permission => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks for the products and their seats, as they are now.
    pub fn learn_catalogue(&self, graph: &impl Graph, ours: &[String]) -> Result<Rc<Catalogue>, Error> {
        let options = "skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits";
        let asked = Asked::get("/subscribedSkus").option("$select", options);
        let told = ask(graph, &asked, "tell the licences")?;
        if !told["value"].is_array() {
            return Err(Error::unavailable("Graph's answer when it was to tell the licences is no list"));
        }
        let catalogue = Rc::new(Catalogue::read(&told, ours));
        *self.catalogue.borrow_mut() = Some(Rc::clone(&catalogue));
        Ok(catalogue)
    }
}
