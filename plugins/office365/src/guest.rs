//! Guests: invited, changed and removed.
//!
//! Graph makes one account for an address however often it is invited, so somebody who is there already is looked for
//! first. An invitation that an earlier try sent, and that broke off before its sponsors were named, is gone on with.

use crate::fields::{Class, ENABLED};
use crate::graph::{Graph, quoted, with_options};
use crate::post::Part;
use crate::values::{moment, references};
use crate::wish::Wish;
use crate::work::{DAY, Failure, How, Made, Work, applied, made_id, named, unchanged};
use serde_json::{Value as Json, json};
use sluss_sdk::{Attribute, Error, ErrorKind, Modification, Outcome};

/// The properties by which a guest is known.
pub const KNOWN_BY: &str = "id,mail,displayName,userType,accountEnabled,creationType,createdDateTime";

/// How a guest is asked for by the address.
pub fn by_mail(mail: &str) -> String {
    format!("userType eq 'Guest' and mail eq {}", quoted(mail))
}

impl<G: Graph> Work<'_, G> {
    /// Invites a guest.
    pub async fn make_guest(&self, change: u64, attributes: &[Attribute]) -> Result<Outcome, Failure> {
        let wish = Wish::new(Class::Guest, attributes)?;
        wish.body(&Json::Null, self.settings)?;
        let sponsors = wish.references("sponsor")?;
        let made = match self.memory.made(change) {
            Some(made) => made,
            None => {
                let made = self.invite(change, &wish).await?;
                self.memory.make(change, made.clone());
                made
            }
        };
        let id = made.id;
        if wish.closes() {
            self.write_guest(change, &id, json!({"accountEnabled": false})).await?;
        }
        let mut lacking = Vec::new();
        if !sponsors.is_empty() {
            let named = self.few(change, &format!("/users/{id}/sponsors"), "sponsor", wish.edits_of("sponsor")).await;
            let named = match named {
                // The guest is not seen yet.
                Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                    Err(self.again(change, Error { kind: ErrorKind::Invalid, ..failure.error }.into()))
                }
                other => other.map(drop),
            };
            self.bear(named, "sponsor", &mut lacking)?;
        }
        self.memory.forget(change);
        Ok(applied(&id, lacking))
    }

    async fn invite(&self, change: u64, wish: &Wish) -> Result<Made, Failure> {
        let lacks = |message: &str, name: &str| Failure::from(Error::invalid(message).attribute(name));
        let mail = wish.text("mail").ok_or_else(|| lacks("A guest needs an address: `mail`", "mail"))?;
        let redirect = self.settings.guest_redirect.as_deref().ok_or_else(|| {
            lacks("To invite guests, `guest-redirect` has to be in the settings: where they are led", "mail")
        })?;
        let filter = by_mail(mail);
        let options = [("$filter", filter.as_str()), ("$select", KNOWN_BY), ("$expand", "sponsors($select=id)")];
        let part = Part::new("GET", with_options("/users", &options));
        if let Some(guest) = self.first(change, part, "tell who has the address").await? {
            if is_unfinished(wish, &guest, self.graph.now()) {
                return Ok(Made { id: made_id(&guest["id"])?, how: How::Found });
            }
            let error = Error::already_exists("A guest with this address is there, whom Sluss did not invite");
            return Err(named(error.into(), "mail"));
        }
        let mut body = json!({
            "invitedUserEmailAddress": mail,
            "inviteRedirectUrl": redirect,
            "sendInvitationMessage": self.settings.guest_mail,
        });
        if let Some(name) = wish.text("displayName") {
            body["invitedUserDisplayName"] = json!(name);
        }
        if let Some(message) = wish.text("message") {
            body["invitedUserMessageInfo"] = json!({"customizedMessageBody": message});
        }
        let fate = self.post.one(change, Part::new("POST", "/invitations").with(body)).await;
        let answer = self.judge(fate, true, "invite the guest")?;
        Ok(Made { id: made_id(&answer.body["invitedUser"]["id"])?, how: How::New { managed: false } })
    }

    async fn write_guest(&self, change: u64, id: &str, body: Json) -> Result<(), Failure> {
        const WHAT: &str = "change the guest";
        match self.ask(change, Part::new("PATCH", format!("/users/{id}")).with(body), WHAT).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Err(self.missing(change, id, WHAT).await),
            other => other.map(drop),
        }
    }

    /// Changes a guest.
    pub async fn change_guest(&self, change: u64, id: &str, edits: &[Modification]) -> Result<Outcome, Failure> {
        let wish = Wish::change(Class::Guest, edits)?;
        let mut changes = false;
        // Closing goes ahead of what may be wrong with the rest.
        let closes = wish.closes();
        if closes {
            self.write_guest(change, id, json!({"accountEnabled": false})).await?;
            changes = true;
        }
        let rest = if closes { wish.only(|field| field.name != ENABLED) } else { wish };
        let now = match rest.is_relative() {
            true => self.account(change, id, KNOWN_BY).await?,
            false => Json::Null,
        };
        let body = rest.body(&now, self.settings)?;
        if !body.is_empty() {
            self.write_guest(change, id, Json::Object(body)).await?;
            changes = true;
        }
        if rest.speaks_of("sponsor") {
            let place = format!("/users/{id}/sponsors");
            match self.few(change, &place, "sponsor", rest.edits_of("sponsor")).await {
                Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                    return Err(self.missing(change, id, "name the sponsors of the guest").await);
                }
                other => changes |= other?,
            }
        }
        self.memory.forget(change);
        Ok(if changes { applied(id, Vec::new()) } else { unchanged(id) })
    }
}

/// Whether this is what an earlier try of the same invitation left: invited today by nobody's own hand, and without what
/// comes after the invitation.
pub fn is_unfinished(wish: &Wish, guest: &Json, now: i64) -> bool {
    let is_new = guest["createdDateTime"].as_str().and_then(moment).is_some_and(|made| (now - made).abs() < DAY);
    // Whoever invites by hand is the sponsor.
    let is_bare = references(&guest["sponsors"]).is_empty();
    let is_alike = wish.only(|field| field.name != ENABLED).is_met_by(guest);
    let lacks = !wish.values("sponsor").is_empty() || wish.closes() && guest["accountEnabled"] == true;
    guest["creationType"] == "Invitation" && is_new && is_bare && is_alike && lacks
}
