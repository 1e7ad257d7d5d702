//! Making accounts and groups.

use crate::answer::Answer;
use crate::apply::{Batch, Failure, Written, added, applied, closed, computed, settled};
use crate::class::{Class, ENABLED, MEMBER, Shape, listed};
use crate::members::ids;
use crate::service::{Asked, Service};
use serde_json::{Map, Value as Json};
use sluss_sdk::{Attribute, Edit, Error, Modification, Outcome, Update, Value};

impl<S: Service> Batch<'_, S> {
    /// Makes an object. A group gets no more members at once than one request takes, and the others afterwards.
    pub(crate) async fn create(
        &self,
        change: u64,
        shape: &Shape,
        attributes: &[Attribute],
    ) -> Result<Outcome, Failure> {
        let (mut written, mut members): (Vec<Written<'_>>, Vec<String>) = (Vec::new(), Vec::new());
        for attribute in attributes {
            match shape.class == Class::Group && attribute.name == MEMBER {
                true => members = ids(&attribute.values)?,
                false => written.push((shape.field(&attribute.name)?, attribute.values.clone())),
            }
        }
        let mut resource = shape.resource(written.iter().map(|(field, _)| field.as_ref()));
        for (field, values) in &written {
            field.path.write(&mut resource, field.written(values)?, field.many);
        }
        if shape.class == Class::User && self.provider.settings.initial_password {
            resource.insert("password".to_owned(), Json::from(self.provider.service.stand_in(change)?));
        }
        let portion = if self.features.patch { self.provider.settings.members as usize } else { usize::MAX };
        let first = members.len().min(portion);
        let mut answer = self.make(change, shape.class, &resource, &members[..first]).await?;
        let mut rest = members.split_off(first);
        // One member who is refused is no reason to have no group.
        if matches!(answer.status, 400 | 404 | 422) && !answer.is_clash() && !members.is_empty() && self.features.patch
        {
            let again = self.make(change, shape.class, &resource, &[]).await?;
            if again.is_success() {
                answer = again;
                rest.splice(..0, members);
            }
        }
        if !answer.is_success() {
            return Err(self.refused(&answer, shape, &written, None).await);
        }
        let what = shape.class.noun();
        let id = answer.id().ok_or_else(|| {
            Failure::unknown(Error::unavailable(format!("The service made {what} and did not say its id")))
        })?;
        let unknown = |failure: Failure| Failure::unknown(failure.error.object(id.as_str()));
        let mut version = answer.version.clone();
        if closed(&answer.body, &written).is_err() {
            let modifications =
                vec![Modification { attribute: ENABLED.to_owned(), edit: Edit::Replace(vec![Value::Boolean(false)]) }];
            let update = Update { id: id.clone(), version: None, modifications };
            if let Outcome::Applied(own) = self.update(change, shape, &update).await.map_err(unknown)? {
                version = own.version;
            }
        }
        if !rest.is_empty() {
            let edit = Edit::Add(rest.into_iter().map(Value::Reference).collect());
            let compared = self.compared(version.as_deref());
            version = self.members(change, &id, &[&edit], compared, true).await.map_err(unknown)?;
        }
        let mut told = computed(&answer.body, &written);
        told.extend(added(&answer.body, shape, &written));
        Ok(Outcome::Applied(applied(&id, version, told)))
    }

    async fn make(
        &self,
        change: u64,
        class: Class,
        resource: &Map<String, Json>,
        members: &[String],
    ) -> Result<Answer, Failure> {
        let mut resource = resource.clone();
        if !members.is_empty() {
            resource.insert("members".to_owned(), members.iter().map(|id| listed(id)).collect());
        }
        let mut asked = Asked::write("POST", self.features.place(class)?, change).with(Json::Object(resource));
        if class == Class::Group {
            // Nobody reads thousands of members back.
            asked = asked.option("excludedAttributes", "members");
        }
        settled(self.post.ask(asked).await, &format!("make {}", class.noun()))
    }
}
