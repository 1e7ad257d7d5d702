//! What stands where a new object would: how the host learns what became of a making whose answer was lost.
//!
//! What is there without what comes after the making is not told: the host then asks for it to be made again, and that goes
//! on where the first try broke off.

use crate::answer::listed;
use crate::fields::{ANCHOR, Class, LICENCE, NAME, NICKNAME, NUMBER, Shape};
use crate::graph::{Asked, Graph, quoted};
use crate::known::{Known, ask};
use crate::look::View;
use crate::settings::{Mode, Settings};
use crate::wish::Wish;
use crate::{group, guest};
use serde_json::Value as Json;
use sluss_sdk::{Attribute, Edit, Error, Object};

/// The object that stands where one with these attributes would be made.
pub fn find(
    graph: &impl Graph,
    settings: &Settings,
    known: &Known,
    class: Class,
    create: &[Attribute],
    attributes: &[String],
) -> Result<Option<Object>, Error> {
    let wish = Wish::new(class, create)?;
    let mut names: Vec<String> = attributes.to_vec();
    let made: Vec<String> = wish.edits().map(|(field, _)| field.name.to_owned()).collect();
    names.extend(made.into_iter().filter(|name| !attributes.contains(name)));
    let view = View::new(graph, settings, known, class, &names)?;
    let told = match class {
        Class::User => user(graph, settings, &view, &wish)?,
        Class::Guest => match wish.text("mail") {
            Some(mail) => first(graph, guest_of(&view).option("$filter", guest::by_mail(mail)))?,
            None => None,
        },
        Class::Group => match wish.text(NICKNAME) {
            Some(name) => first(graph, group_of(&view).option("$filter", group::by_name(name)))?,
            None => None,
        },
        Class::Licence => return Err(Error::unsupported("Licences are bought, not made")),
    };
    let Some(told) = told.filter(|told| view.holds(told)) else { return Ok(None) };
    let mut object = view.object(graph, &told)?;
    if is_unfinished(&view, settings, &wish, &told, &object, graph.now()) {
        return Ok(None);
    }
    object.attributes.retain(|attribute| attributes.contains(&attribute.name));
    for (field, edit) in wish.edits().filter(|(field, _)| attributes.iter().any(|name| name == field.name)) {
        let Edit::Replace(wanted) = edit else { continue };
        // What is said once is kept nowhere; it was said if the object is there.
        let said = field.shape == Shape::Said && !wanted.is_empty();
        let own = object.attributes.iter_mut().find(|attribute| attribute.name == field.name);
        match own {
            // Names that Graph and its licences spell in letters of another size are the same.
            Some(own) if view.is_alike(field.name, wanted, &own.values) => own.values.clone_from(wanted),
            None if said => object.attributes.push(Attribute { name: field.name.to_owned(), values: wanted.clone() }),
            _ => {}
        }
    }
    Ok(Some(object))
}

fn user(graph: &impl Graph, settings: &Settings, view: &View, wish: &Wish) -> Result<Option<Json>, Error> {
    let asked = || view.asked(&[NAME, NUMBER, ANCHOR]);
    let anchor = match wish.text(ANCHOR) {
        // This property is found only by those who bear answers that are a little old, and they get nothing expanded.
        Some(anchor) => {
            let filter = format!("{ANCHOR} eq {}", quoted(anchor));
            let bare = Asked::get("/users").option("$select", "id").option("$filter", filter).eventual();
            match first(graph, bare)? {
                Some(told) => {
                    let id = told["id"].as_str().unwrap_or_default();
                    first(graph, asked().option("$filter", format!("id eq {}", quoted(id))))?
                }
                None => None,
            }
        }
        None => None,
    };
    let name = match wish.text(NAME) {
        Some(name) if settings.mode == Mode::Cloud || anchor.is_none() => {
            first(graph, asked().option("$filter", format!("{NAME} eq {}", quoted(name))))?
        }
        _ => None,
    };
    Ok(name.or(anchor))
}

fn guest_of(view: &View) -> Asked {
    view.asked(&["mail", "displayName", "accountEnabled", "creationType", "createdDateTime"])
}

fn group_of(view: &View) -> Asked {
    view.asked(&["mailNickname", "createdDateTime", "assignedLicenses", "groupTypes", "mailEnabled", "securityEnabled"])
}

fn first(graph: &impl Graph, asked: Asked) -> Result<Option<Json>, Error> {
    let what = "tell an object by its name";
    let body = ask(graph, &asked, what)?;
    Ok(listed(&body, what)?.first().cloned())
}

/// Whether an object lacks only what comes after its making, and is surely what an earlier try made.
fn is_unfinished(view: &View, settings: &Settings, wish: &Wish, told: &Json, object: &Object, now: i64) -> bool {
    let held =
        |name: &str| object.attributes.iter().find(|own| own.name == name).map_or(&[][..], |own| own.values.as_slice());
    let lacks = |name: &str| wish.speaks_of(name) && !view.is_alike(name, wish.values(name), held(name));
    match view.class() {
        Class::User if settings.mode == Mode::Hybrid => lacks(LICENCE),
        Class::User => {
            let is_same = |key: &str| wish.text(key).is_some_and(|own| told[key].as_str() == Some(own));
            (is_same(NUMBER) || is_same(ANCHOR)) && wish.is_met_by(told) && (lacks(LICENCE) || lacks("manager"))
        }
        Class::Guest => guest::is_unfinished(wish, told, now),
        Class::Group => lacks(LICENCE) && group::is_unfinished(wish, told, now),
        Class::Licence => false,
    }
}
