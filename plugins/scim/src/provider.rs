//! A service, and what is remembered of it during a run.

use crate::class::{Class, Shape};
use crate::features::Features;
use crate::post::Room;
use crate::service::Service;
use crate::settings::Settings;
use crate::walk::Walk;
use sluss_sdk::Error;
use std::cell::{Cell, OnceCell};

/// A service.
pub struct Provider<S> {
    /// What is asked.
    pub service: S,
    /// What the operator said.
    pub settings: Settings,
    users: Shape,
    groups: Shape,
    features: OnceCell<Features>,
    /// How much goes in one request.
    pub room: Cell<Room>,
    /// Whether resources can be looked for; not any more once that turned out to be wrong.
    pub filters: Cell<bool>,
    /// Whether they can be read in an order; likewise.
    pub sorts: Cell<bool>,
    /// The read under way.
    pub walk: Option<Walk>,
}

impl<S: Service> Provider<S> {
    /// One that was not asked anything yet.
    pub fn new(service: S, settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        Ok(Provider {
            users: Shape::new(Class::User, &settings)?,
            groups: Shape::new(Class::Group, &settings)?,
            service,
            settings,
            features: OnceCell::new(),
            room: Cell::new(Room(None)),
            filters: Cell::new(true),
            sorts: Cell::new(false),
            walk: None,
        })
    }

    /// The attributes of a class.
    pub fn shape(&self, class: Class) -> &Shape {
        match class {
            Class::User => &self.users,
            Class::Group => &self.groups,
        }
    }

    /// What the service can do; asked once.
    pub fn features(&self) -> Result<&Features, Error> {
        if let Some(features) = self.features.get() {
            return Ok(features);
        }
        let features = Features::learn(&self.service, self.settings.supports)?;
        self.room.set(Room(features.bulk));
        self.filters.set(features.filter);
        self.sorts.set(features.sort);
        Ok(self.features.get_or_init(|| features))
    }
}
