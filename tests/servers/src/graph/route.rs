//! From a request to whoever answers it, with all that can come between: a mood, a limit, a missing permission.

use super::call::Call;
use super::clock::text;
use super::fault::{Fault, Reply};
use super::mood::Mood;
use super::object::Kind;
use super::seen::{Heard, Seen, without_passwords};
use super::tenant::Tenant;
use super::throttle::Throttle;
use super::token::Tokens;
use super::{bin, delta, groups, invitations, organization, permissions, products, users};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use uuid::Uuid;

/// What becomes of an answer on its way.
#[derive(Debug, Default)]
pub struct Fate {
    /// How much later it comes.
    pub delay: Duration,
    /// Whether it does not come at all.
    pub is_cut: bool,
    /// What is done to its text.
    pub spoilt: Option<Mood>,
}

/// Graph, and where its tokens come from.
#[derive(Default)]
pub struct Server {
    /// What it holds.
    pub tenant: Tenant,
    /// The tokens that it gave out.
    pub tokens: Tokens,
    /// How much may be asked.
    pub throttle: Throttle,
    /// What it does with the next requests.
    pub moods: VecDeque<Mood>,
    /// What it does with the next requests of a kind.
    pub at: HashMap<String, VecDeque<Mood>>,
    /// What it saw.
    pub seen: Seen,
    /// Its own address, with the version.
    pub base: String,
    /// Where it is for clients, if that is another address.
    pub public: Option<String>,
}

impl Server {
    /// What it does with this request.
    pub fn mood(&mut self, what: &str, in_batch: bool) -> Mood {
        let own = self.at.get_mut(what).and_then(VecDeque::pop_front);
        own.or_else(|| if in_batch { None } else { self.moods.pop_front() }).unwrap_or(Mood::Well)
    }

    /// A refusal with the ids and the time of a request.
    pub fn refuse(&self, fault: Fault, client: &str) -> Reply {
        let request = Uuid::new_v4().to_string();
        fault.reply(&request, client, &text(self.tenant.now()))
    }

    /// Carries a request out, or does with it what the mood says.
    pub fn perform(&mut self, call: &Call, path: &str, client: &str, in_batch: bool, fate: &mut Fate) -> Reply {
        self.tenant.settle();
        let what = call.template();
        let mood = self.mood(&what, in_batch);
        match mood {
            Mood::Slow(delay) => fate.delay += delay,
            Mood::Cut | Mood::CutAfter => fate.is_cut = true,
            Mood::Resync => self.tenant.deltas.forget(),
            Mood::Malformed | Mood::Half | Mood::CutBody | Mood::WrongShape | Mood::Nested => {
                fate.spoilt = Some(mood.clone())
            }
            Mood::Gateway(_) if !in_batch => fate.spoilt = Some(mood.clone()),
            _ => {}
        }
        let users = self.tenant.users().count();
        let reply = match mood {
            Mood::Cut => self.refuse(Fault::status(503, None), client),
            Mood::Status(status, after) => self.refuse(Fault::status(status, after), client),
            Mood::Gateway(status) => self.refuse(Fault::status(status, None), client),
            Mood::StatusAfter(status, after) => {
                self.carry_out(call, client, users, fate);
                self.refuse(Fault::status(status, after), client)
            }
            _ => self.carry_out(call, client, users, fate),
        };
        self.seen.writes += usize::from(call.is_write());
        self.seen.throttled += usize::from(reply.status == 429);
        self.seen.heard.push(Heard {
            what,
            path: path.to_owned(),
            in_batch,
            status: (!fate.is_cut).then_some(reply.status),
            body: call.body.clone().map(without_passwords),
            client_request: Some(client.to_owned()),
        });
        reply
    }

    fn carry_out(&mut self, call: &Call, client: &str, users: usize, fate: &mut Fate) -> Reply {
        let is_batch = call.segments == ["$batch"];
        let now = self.tenant.now();
        let answer = match is_batch {
            true => Ok(()),
            false => self.throttle.pay(call, users, now),
        };
        let answer = answer.and_then(|()| permissions::check(&self.tenant, call.is_write(), &call.segments));
        let answer = answer.and_then(|()| match (call.method.as_str(), is_batch) {
            ("POST", true) => super::batch::answer(self, call, client, fate),
            _ => self.route(call),
        });
        let mut reply = answer.unwrap_or_else(|fault| self.refuse(fault, client));
        if !is_batch {
            self.throttle.mark(call, users, &mut reply);
            self.seen.effects += usize::from(call.is_write() && !reply.is_refusal());
        }
        // What was just done is due at once, unless something takes its time.
        self.tenant.settle();
        reply
    }

    fn route(&mut self, call: &Call) -> Result<Reply, Fault> {
        let tenant = &mut self.tenant;
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        let is_delta =
            |name: &str| matches!(name, "delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()");
        match (call.method.as_str(), segments.as_slice()) {
            ("GET", ["users", name]) if is_delta(name) => delta::answer(tenant, call, Kind::User),
            ("GET", ["groups", name]) if is_delta(name) => delta::answer(tenant, call, Kind::Group),
            (_, ["users", ..]) => users::answer(tenant, call),
            (_, ["groups", ..]) => groups::answer(tenant, call, &mut self.seen.strays),
            (_, ["directory", "deletedItems", ..]) => bin::answer(tenant, call),
            ("POST", ["directoryObjects", "getByIds"]) => organization::by_ids(tenant, call),
            ("POST", ["invitations"]) => invitations::invite(tenant, call),
            ("GET", ["subscribedSkus"]) => Ok(products::list(tenant, call)),
            ("GET", ["organization"]) => Ok(organization::organization(tenant, call)),
            ("GET", ["domains"]) => Ok(organization::domains(tenant, call)),
            (_, [first, ..]) => Err(Fault::no_segment(first)),
            (_, []) => Err(Fault::no_segment("")),
        }
    }
}
