//! Carrying a batch of changes out.

use crate::answer::{Answer, List};
use crate::class::{Class, ENABLED, EXTERNAL_ID, Field, Shape, USER_NAME, id, version};
use crate::features::Features;
use crate::post::{Fate, Post, Work};
use crate::provider::Provider;
use crate::service::{Asked, Service, segment};
use crate::values::same;
use serde_json::{Value as Json, json};
use sluss_sdk::{Applied, Attribute, Change, Error, ErrorKind, Operation, Outcome, Value};
use std::borrow::Cow;

/// Why a change was not carried out, or may not have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What is wrong.
    pub error: Error,
    /// Whether it may have been carried out, all or in part.
    pub is_unknown: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { error, is_unknown: false }
    }
}

impl Failure {
    /// One after which nobody knows.
    pub fn unknown(error: Error) -> Self {
        Failure { error, is_unknown: true }
    }
}

/// An attribute that is written, and what is written into it.
pub type Written<'f> = (Cow<'f, Field>, Vec<Value>);

/// The changes of one batch, on their way.
pub struct Batch<'p, S> {
    pub(crate) post: Post<'p, S>,
    pub(crate) provider: &'p Provider<S>,
    pub(crate) features: &'p Features,
}

/// Carries changes out. An error means that nothing of them was.
pub fn apply<S: Service>(provider: &Provider<S>, changes: &[Change]) -> Result<Vec<Outcome>, Error> {
    // Asking changes nothing, so nothing was sent that anyone would have to look after.
    let features = provider.features().map_err(|error| Error { sent: false, ..error })?;
    let post = Post::new(&provider.service, &provider.room, provider.settings.seconds);
    let batch = &Batch { post, provider, features };
    let mut works: Vec<Work<'_, Outcome>> = Vec::with_capacity(changes.len());
    for change in changes {
        works.push(Box::pin(async move { batch.one(change).await.unwrap_or_else(|failure| failed(change, failure)) }));
    }
    let outcomes = batch.post.run(works);
    match batch.post.refused() {
        Some(error) => Err(error),
        None => Ok(outcomes),
    }
}

fn failed(change: &Change, failure: Failure) -> Outcome {
    let mut error = failure.error;
    if error.object.is_none() {
        error.object = match &change.operation {
            Operation::Create(_) => None,
            Operation::Update(update) => Some(update.id.clone()),
            Operation::Remove(id) => Some(id.clone()),
        };
    }
    if failure.is_unknown { Outcome::Unknown(error) } else { Outcome::Rejected(error) }
}

impl<S: Service> Batch<'_, S> {
    async fn one(&self, change: &Change) -> Result<Outcome, Failure> {
        let shape = self.provider.shape(Class::of(&change.class)?);
        match &change.operation {
            Operation::Create(attributes) => self.create(change.id, shape, attributes).await,
            Operation::Update(update) => self.update(change.id, shape, update).await,
            Operation::Remove(id) => self.remove(change.id, shape.class, id).await,
        }
    }

    async fn remove(&self, change: u64, class: Class, id: &str) -> Result<Outcome, Failure> {
        let asked = Asked::write("DELETE", self.place(class, id)?, change);
        let answer = settled(self.post.ask(asked).await, &format!("remove {}", class.noun()))?;
        let applied = Applied { id: id.to_owned(), version: None, computed: Vec::new() };
        match answer.status {
            200..=299 => Ok(Outcome::Applied(applied)),
            _ if answer.is_gone() => Ok(Outcome::Unchanged(applied)),
            _ => Err(answer.refusal(&format!("remove {}", class.noun())).into()),
        }
    }

    /// Where an object is.
    pub(crate) fn place(&self, class: Class, id: &str) -> Result<String, Error> {
        Ok(format!("{}/{}", self.features.place(class)?, segment(id)))
    }

    /// A resource as it is now.
    pub(crate) async fn now(&self, class: Class, id: &str, members: bool) -> Result<Json, Failure> {
        let mut asked = Asked::get(self.place(class, id)?);
        if class == Class::Group && !members {
            asked = asked.option("excludedAttributes", "members");
        }
        match self.post.ask(asked).await {
            Fate::Answered(answer) => Ok(answer.read(&format!("show {}", class.noun()))?),
            Fate::Held(error) | Fate::Lost(error) => Err(error.into()),
        }
    }

    /// The version that the service shall compare, where it can.
    pub(crate) fn compared(&self, version: Option<&str>) -> Option<String> {
        version.filter(|_| self.features.etag).map(str::to_owned)
    }

    /// What the refusal of a write means: whether somebody else has a value, and which, is looked up.
    pub(crate) async fn refused(
        &self,
        answer: &Answer,
        shape: &Shape,
        written: &[Written<'_>],
        own: Option<&str>,
    ) -> Failure {
        let class = shape.class;
        let verb = if own.is_some() { "change" } else { "make" };
        let mut error = answer.refusal(&format!("{verb} {}", class.noun()));
        let has_key = written.iter().any(|(field, _)| class.keys().contains(&field.name.as_str()));
        // On a change, it can also mean that something else changed meanwhile.
        let is_clash =
            answer.is_clash() || answer.status == 409 && answer.word().is_none() && (own.is_none() || has_key);
        if is_clash {
            error.kind = ErrorKind::AlreadyExists;
            error.attribute = self.clash(shape, written, own).await;
        }
        error.into()
    }

    /// Which of the attributes that are told apart by somebody else has the value that was written.
    async fn clash(&self, shape: &Shape, written: &[Written<'_>], own: Option<&str>) -> Option<String> {
        const TOLD_APART: [&str; 4] = [USER_NAME, EXTERNAL_ID, "emails.work", crate::class::DISPLAY_NAME];
        let told = TOLD_APART.iter().filter_map(|name| written.iter().find(|(field, _)| field.name == *name));
        for (field, values) in told {
            let Some(text) = values.first().and_then(Value::as_text) else { continue };
            if !self.provider.filters.get() {
                // The one that no two accounts share by the standard.
                return (field.name == USER_NAME).then(|| USER_NAME.to_owned());
            }
            let asked = Asked::get(self.features.place(shape.class).ok()?)
                .option("filter", field.path.filter(text))
                .option("startIndex", 1)
                .option("count", 10);
            let Fate::Answered(answer) = self.post.go_on(asked).await else { return None };
            let Ok(list) = answer.read("look for it").and_then(|told| List::of(told, "look for it")) else { continue };
            let is_other =
                |resource: &Json| id(resource) != own && field.read(resource).iter().any(|value| alike(value, text));
            if list.resources.iter().any(is_other) {
                return Some(field.name.clone());
            }
        }
        None
    }
}

/// Whether a value is this text; most services do not tell capitals apart.
pub fn alike(value: &Value, text: &str) -> bool {
    value.as_text().is_some_and(|own| own == text || own.to_lowercase() == text.to_lowercase())
}

/// The answer to a write, if it is known what became of it.
pub fn settled(fate: Fate, what: &str) -> Result<Answer, Failure> {
    match fate {
        Fate::Answered(answer) if answer.is_failure() => Err(Failure::unknown(answer.refusal(what))),
        Fate::Answered(answer) => Ok(answer),
        Fate::Held(error) => Err(error.into()),
        Fate::Lost(error) => Err(Failure::unknown(error)),
    }
}

/// What the service made of what was written, where it says so and it is something else. Whether an account is open is
/// never taken from it: what should be closed has to be closed.
pub fn computed(body: &Json, written: &[Written<'_>]) -> Vec<Attribute> {
    if !body.is_object() {
        return Vec::new();
    }
    let told = written.iter().filter(|(field, _)| field.name != ENABLED).filter_map(|(field, values)| {
        let now = field.read(body);
        (!same(&now, values)).then(|| Attribute { name: field.name.clone(), values: now })
    });
    told.collect()
}

/// What the service says of attributes that were not written.
pub fn added(body: &Json, shape: &Shape, written: &[Written<'_>]) -> Vec<Attribute> {
    let others = shape
        .fields()
        .iter()
        .filter(|field| !field.many && field.name != ENABLED && written.iter().all(|(own, _)| own.name != field.name));
    let told = others.map(|field| Attribute { name: field.name.clone(), values: field.read(body) });
    told.filter(|attribute| !attribute.values.is_empty()).collect()
}

/// An error where an account shall be closed and the service says that it is not.
pub fn closed(body: &Json, written: &[Written<'_>]) -> Result<(), Error> {
    let Some((field, values)) = written.iter().find(|(field, _)| field.name == ENABLED) else { return Ok(()) };
    if body.is_object() && values.as_slice() == [Value::Boolean(false)] && field.read(body) != *values {
        let message = "The service took the change and did not close the account: have it closed there, and ask its \
                       vendor how accounts are closed";
        return Err(Error::invalid(message).attribute(ENABLED));
    }
    Ok(())
}

/// What an object is after a write.
pub fn applied(id: &str, version: Option<String>, computed: Vec<Attribute>) -> Applied {
    Applied { id: id.to_owned(), version, computed }
}

/// Operations as a PATCH.
pub fn patch(operations: Vec<Json>) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// The version that a resource says it has, if it is the one that we believe in.
pub fn believed(resource: &Json, belief: Option<&str>) -> Result<Option<String>, Error> {
    match (version(resource), belief) {
        (Some(now), Some(belief)) if now != belief => {
            Err(Error::conflict("It was changed by somebody else since it was seen"))
        }
        (now, _) => Ok(now.map(str::to_owned)),
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
