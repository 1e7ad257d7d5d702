//! Changing accounts and groups: by what changes, or as a whole where the service takes nothing less.

use crate::answer::Answer;
use crate::apply::{Batch, Failure, Written, applied, believed, closed, computed, patch, settled};
use crate::class::{Class, MEMBER, Shape};
use crate::service::{Asked, Service};
use crate::values::same;
use serde_json::{Map, Value as Json};
use sluss_sdk::{Edit, Error, Modification, Outcome, Update};

impl<S: Service> Batch<'_, S> {
    /// Changes an object.
    pub(crate) async fn update(&self, change: u64, shape: &Shape, update: &Update) -> Result<Outcome, Failure> {
        if !self.features.patch {
            return self.replace(change, shape, update).await;
        }
        let is_member = |edit: &&Modification| shape.class == Class::Group && edit.attribute == MEMBER;
        let (members, plain): (Vec<&Modification>, Vec<&Modification>) =
            update.modifications.iter().partition(is_member);
        let (mut version, mut told, mut is_changed) = (self.compared(update.version.as_deref()), Vec::new(), false);
        if !plain.is_empty() {
            let fields: Vec<_> = plain.iter().map(|edit| shape.field(&edit.attribute)).collect::<Result<_, _>>()?;
            let depends = |(field, edit): (&std::borrow::Cow<'_, crate::class::Field>, &&Modification)| {
                field.path.is_chosen() || !matches!(edit.edit, Edit::Replace(_))
            };
            let mut now = match fields.iter().zip(&plain).any(depends) {
                true => Some(self.now(shape.class, &update.id, false).await?),
                false => None,
            };
            let (answer, written) = loop {
                if let Some(now) = &now {
                    version = self.compared(believed(now, version.as_deref())?.as_deref());
                }
                let (operations, written) = difference(shape, &plain, now.as_ref())?;
                if operations.is_empty() {
                    break (None, written);
                }
                let answer = self.patch(change, shape.class, &update.id, operations, version.clone(), false).await?;
                // What was to be taken away was not there, so it takes a look at what is.
                if answer.has_no_target() && now.is_none() {
                    now = Some(self.now(shape.class, &update.id, false).await?);
                    continue;
                }
                if !answer.is_success() {
                    return Err(self.refused(&answer, shape, &written, Some(&update.id)).await);
                }
                break (Some(answer), written);
            };
            if let Some(answer) = answer {
                closed(&answer.body, &written)?;
                told = computed(&answer.body, &written);
                version = answer.version;
                is_changed = true;
            }
        }
        if !members.is_empty() {
            let edits: Vec<&Edit> = members.iter().map(|edit| &edit.edit).collect();
            let compared = self.compared(version.as_deref());
            version = self.members(change, &update.id, &edits, compared, is_changed).await?;
            is_changed = true;
        }
        let own = applied(&update.id, version, told);
        Ok(if is_changed { Outcome::Applied(own) } else { Outcome::Unchanged(own) })
    }

    /// Sends operations on one resource.
    pub(crate) async fn patch(
        &self,
        change: u64,
        class: Class,
        id: &str,
        operations: Vec<Json>,
        version: Option<String>,
        goes_on: bool,
    ) -> Result<Answer, Failure> {
        let mut asked = Asked::write("PATCH", self.place(class, id)?, change).with(patch(operations)).at(version);
        if class == Class::Group {
            asked = asked.option("excludedAttributes", "members");
        }
        let fate = if goes_on { self.post.go_on(asked).await } else { self.post.ask(asked).await };
        settled(fate, &format!("change {}", class.noun()))
    }

    /// Reads a resource and writes it as a whole.
    async fn replace(&self, change: u64, shape: &Shape, update: &Update) -> Result<Outcome, Failure> {
        let now = self.now(shape.class, &update.id, true).await?;
        let version = believed(&now, self.compared(update.version.as_deref()).as_deref())?;
        let Json::Object(mut resource) = now.clone() else {
            return Err(Error::unavailable("The service gave something else than a resource").into());
        };
        let mut written: Vec<Written<'_>> = Vec::with_capacity(update.modifications.len());
        for Modification { attribute, edit } in &update.modifications {
            let field = shape.field(attribute)?;
            // What an earlier edit of this change made of it.
            let before = Json::Object(resource.clone());
            let values = field.edited(&before, edit);
            if !same(&values, &field.read(&before)) {
                field.path.write(&mut resource, field.written(&values)?, field.many);
                name_schema(&mut resource, field.path.schema.as_deref());
                written.retain(|(own, _)| own.name != field.name);
                written.push((field, values));
            }
        }
        if written.is_empty() {
            return Ok(Outcome::Unchanged(applied(&update.id, version, Vec::new())));
        }
        // What is the service's own alone.
        resource.retain(|name, _| !["meta", "groups"].iter().any(|own| name.eq_ignore_ascii_case(own)));
        let mut asked = Asked::write("PUT", self.place(shape.class, &update.id)?, change).with(Json::Object(resource));
        asked = asked.at(self.compared(version.as_deref()));
        if shape.class == Class::Group {
            asked = asked.option("excludedAttributes", "members");
            written.retain(|(field, _)| field.name != MEMBER);
        }
        let answer = settled(self.post.ask(asked).await, &format!("change {}", shape.class.noun()))?;
        if !answer.is_success() {
            return Err(self.refused(&answer, shape, &written, Some(&update.id)).await);
        }
        closed(&answer.body, &written)?;
        Ok(Outcome::Applied(applied(&update.id, answer.version.clone(), computed(&answer.body, &written))))
    }
}

/// What brings a resource to what it shall be, and what is written. Without the resource, nothing is known to be so
/// already.
fn difference<'s>(
    shape: &'s Shape,
    edits: &[&Modification],
    now: Option<&Json>,
) -> Result<(Vec<Json>, Vec<Written<'s>>), Error> {
    let (mut operations, mut written) = (Vec::new(), Vec::new());
    for Modification { attribute, edit } in edits {
        let field = shape.field(attribute)?;
        let values = match (now, edit) {
            (Some(now), edit) => field.edited(now, edit),
            (None, Edit::Replace(values)) => values.clone(),
            (None, Edit::Add(_) | Edit::Remove(_)) => {
                return Err(Error::internal("An edit that depends on what is there was made without a look"));
            }
        };
        if now.is_some_and(|now| same(&field.read(now), &values) && !is_unsaid(&field, now)) {
            continue;
        }
        operations.extend(field.path.operations(now, field.written(&values)?, field.many));
        written.push((field, values));
    }
    Ok((operations, written))
}

/// Whether a resource does not say whether its account is open.
fn is_unsaid(field: &crate::class::Field, now: &Json) -> bool {
    field.name == crate::class::ENABLED && field.path.values(now).is_empty()
}

/// Names a schema in a resource that has an attribute of it now.
fn name_schema(resource: &mut Map<String, Json>, schema: Option<&str>) {
    let Some(schema) = schema else { return };
    if let Some(Json::Array(schemas)) = resource.get_mut("schemas")
        && !schemas.iter().any(|own| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(schema)))
    {
        schemas.push(Json::from(schema));
    }
}
