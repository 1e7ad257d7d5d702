//! Whether the service is there, and what may be read: one record of each collection is asked for.

use crate::class::Class;
use crate::collection::Collection;
use crate::day::timestamp;
use crate::model::Scope;
use crate::service::{Ask, Service, refusal};
use crate::walk::{How, Walk};
use sluss_sdk::{CheckResult, ErrorKind};

/// Everything that there is to say.
pub fn all(service: &impl Service, scope: &Scope) -> Vec<CheckResult> {
    let first = Ask::All(Collection::Organisations);
    let answer = service.get(first.path(), &first.query(1, "", None));
    let accepted = answer.and_then(|response| match response.status {
        401 | 500.. => Err(refusal(first.path(), false, response)),
        _ => Ok(CheckResult::info("service", "It answers, and accepts who we are")),
    });
    let mut results = match accepted {
        Ok(result) => vec![result],
        Err(error) => return vec![CheckResult::failure("service", error.message)],
    };
    let since = timestamp(service.now());
    let ask = |ask: Ask| Walk::default().page(service, ask, How { limit: 1, since: &since }, None);
    for collection in Class::Engagement.made_of(scope) {
        let title = format!("collection {}", collection.name());
        results.push(match ask(Ask::All(collection)) {
            Ok(_) => CheckResult::info(title, "It may be read"),
            Err(error) if error.kind == ErrorKind::Throttled => CheckResult::warning(title, error.message),
            Err(error) => CheckResult::failure(title, error.message),
        });
    }
    let told = ask(Ask::Modified(Collection::Persons)).and_then(|_| ask(Ask::Deleted(Collection::Persons)));
    results.push(match told {
        Ok(_) => CheckResult::info("changes", "They can be asked for"),
        Err(error) => {
            CheckResult::warning("changes", format!("{}. Without them, every read is a full one", error.message))
        }
    });
    results
}
