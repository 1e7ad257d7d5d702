//! From the traits of a connector to the functions that the host calls.
//!
//! The contract's functions have no `self`: somewhere the one instance must be kept between calls. [`export!`] makes that
//! place, and everything else follows from it.

use crate::bindings::{changes, connector, fingerprints, register, source, target};
use crate::{
    Answer, Attribute, Change, Changes, CheckResult, Connector, Cursor, Description, Error, Finding, Fingerprints,
    Marks, Object, Outcome, Page, Register, Selection, Source, Target, log,
};

/// The place where the connector stands between calls. [`export!`] implements it.
pub trait Instance {
    /// The connector.
    type Connector: Connector;

    /// Gives the connector, or nothing before `configure`, to a function.
    fn with<R>(f: impl FnOnce(&mut Option<Self::Connector>) -> R) -> R;
}

fn call<I: Instance, R>(f: impl FnOnce(&mut I::Connector) -> Result<R, Error>) -> Result<R, Error> {
    I::with(|held| match held {
        Some(connector) => f(connector),
        None => Err(Error::config("The connector was called before it was given its settings")),
    })
}

impl<I: Instance> connector::exports::sluss::connector::connector::Guest for I {
    fn describe() -> Description {
        log::watch_panics();
        let schema = schemars::schema_for!(<I::Connector as Connector>::Settings);
        Description { settings_schema: schema.as_value().to_string(), ..I::Connector::describe() }
    }

    fn configure(settings: String) -> Result<(), Error> {
        log::watch_panics();
        let settings = serde_json::from_str(&settings).map_err(|e| Error::config(format!("Settings: {e}")))?;
        let connector = I::Connector::new(settings)?;
        I::with(|held| *held = Some(connector));
        Ok(())
    }

    fn check() -> Result<Vec<CheckResult>, Error> {
        call::<I, _>(|connector| connector.check())
    }
}

impl<I: Instance> source::exports::sluss::connector::source::Guest for I
where
    I::Connector: Source,
{
    fn version(class: String) -> Result<Option<String>, Error> {
        call::<I, _>(|source| source.version(&class))
    }

    fn read(class: String, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        call::<I, _>(|source| source.read(&class, from, max))
    }
}

impl<I: Instance> fingerprints::exports::sluss::connector::fingerprints::Guest for I
where
    I::Connector: Fingerprints,
{
    fn fingerprints(class: String, from: Option<Cursor>, max: u32) -> Result<Marks, Error> {
        call::<I, _>(|source| source.fingerprints(&class, from, max))
    }

    fn pick(class: String, from: Option<Cursor>, places: Vec<u32>) -> Result<Selection, Error> {
        call::<I, _>(|source| source.pick(&class, from, places))
    }
}

impl<I: Instance> changes::exports::sluss::connector::changes::Guest for I
where
    I::Connector: Changes,
{
    fn latest(class: String) -> Result<Cursor, Error> {
        call::<I, _>(|connector| connector.latest(&class))
    }

    fn changes(class: String, since: Cursor, max: u32) -> Result<Answer, Error> {
        call::<I, _>(|connector| connector.changes(&class, since, max))
    }
}

impl<I: Instance> register::exports::sluss::connector::register::Guest for I
where
    I::Connector: Register,
{
    fn look_up(numbers: Vec<String>) -> Result<Vec<Finding>, Error> {
        call::<I, _>(|register| register.look_up(numbers))
    }
}

impl<I: Instance> target::exports::sluss::connector::target::Guest for I
where
    I::Connector: Target,
{
    fn read(class: String, attributes: Vec<String>, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        call::<I, _>(|target| target.read(&class, &attributes, from, max))
    }

    fn get(class: String, ids: Vec<String>, attributes: Vec<String>) -> Result<Vec<Option<Object>>, Error> {
        call::<I, _>(|target| target.get(&class, &ids, &attributes))
    }

    fn find(class: String, create: Vec<Attribute>, attributes: Vec<String>) -> Result<Option<Object>, Error> {
        call::<I, _>(|target| target.find(&class, &create, &attributes))
    }

    fn apply(changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        call::<I, _>(|target| target.apply(changes))
    }

    fn finish() -> Result<(), Error> {
        call::<I, _>(|target| target.finish())
    }
}

/// Exports a connector in the roles that it plays: `export!(Mine: source)`, `export!(Mine: source + fingerprints)`,
/// `export!(Mine: source + changes)`, `export!(Mine: register)`, `export!(Mine: target)`, `export!(Mine: target + changes)`,
/// `export!(Mine: source + target)`.
///
/// On other targets than WebAssembly it only checks that the roles are implemented, so that a connector's logic can be
/// tested with `cargo test`.
#[macro_export]
macro_rules! export {
    ($connector:ident : $first:ident $(+ $role:ident)*) => {
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static HELD: ::std::cell::RefCell<::std::option::Option<$connector>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }

            impl $crate::export::Instance for Component {
                type Connector = $connector;

                fn with<R>(f: impl FnOnce(&mut ::std::option::Option<$connector>) -> R) -> R {
                    HELD.with(|held| f(&mut held.borrow_mut()))
                }
            }

            $crate::export_role!(Component: connector);
            $crate::export_role!(Component: $first);
            $($crate::export_role!(Component: $role);)*
        };
    };
}

/// Exports one interface of a component; used by [`export!`].
#[doc(hidden)]
#[macro_export]
macro_rules! export_role {
    ($component:ident : connector) => {
        $crate::export_role!($component, connector, export_connector);
    };
    ($component:ident : source) => {
        $crate::export_role!($component, source, export_source);
    };
    ($component:ident : fingerprints) => {
        $crate::export_role!($component, fingerprints, export_fingerprints);
    };
    ($component:ident : changes) => {
        $crate::export_role!($component, changes, export_changes);
    };
    ($component:ident : register) => {
        $crate::export_role!($component, register, export_register);
    };
    ($component:ident : target) => {
        $crate::export_role!($component, target, export_target);
    };
    ($component:ident, $role:ident, $export:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::$role::$export!($component with_types_in $crate::bindings::$role);
        #[cfg(not(target_family = "wasm"))]
        const _: fn() = || {
            fn plays<T: $crate::bindings::$role::exports::sluss::connector::$role::Guest>() {}
            plays::<$component>();
        };
    };
}
