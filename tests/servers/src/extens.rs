//! IST Extens's export service, as far as it is publicly known: an export is started, asked about, and downloaded.

use crate::certificate::Authority;
use crate::https::{Https, Question};
use crate::school::{Mood, Pupil, School, Spoilt, answer, class_name, escape, unit_name};
use anyhow::Result;
use bytes::Bytes;
use hyper::Response;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The key of the service, a secret.
pub const API_KEY: &str = "extens-s3cret-key";
/// The customer.
pub const CUSTOMER: &str = "kommun-2";
const PATH: &str = "/export/v1";
const XML: &str = "application/xml";
const JSON: &str = "application/json";

/// What it saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many exports were started.
    pub started: usize,
    /// How many times somebody asked how far one is.
    pub asked: usize,
    /// How many downloads were begun.
    pub downloaded: usize,
}

struct State {
    school: School,
    moods: VecDeque<Mood>,
    /// How many more times an export is said not to be ready.
    waits: usize,
    encoding: &'static str,
    seen: Seen,
}

/// The service.
pub struct Extens {
    authority: PathBuf,
    https: Https,
    state: Arc<Mutex<State>>,
}

impl Extens {
    /// Starts it. Its certificates are made in the folder.
    pub async fn start(folder: &Path, school: School) -> Result<Extens> {
        let authority = Authority::new(folder)?;
        let identity = authority.server(&["localhost"])?;
        let (moods, seen) = (VecDeque::new(), Seen::default());
        let state = Arc::new(Mutex::new(State { school, moods, waits: 0, encoding: "utf-8", seen }));
        let own = Arc::clone(&state);
        let https = Https::start(&identity, None, move |question| respond(Arc::clone(&own), question)).await?;
        Ok(Extens { authority: authority.certificate(), https, state })
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://localhost:{}{PATH}", self.https.port())
    }

    /// What it does with the next questions; then it answers well again.
    pub fn next(&self, moods: impl IntoIterator<Item = Mood>) {
        self.state().moods.extend(moods);
    }

    /// How many times it says that an export is not ready.
    pub fn waits(&self, times: usize) {
        self.state().waits = times;
    }

    /// How it writes letters from now on: `utf-8` or `iso-8859-1`.
    pub fn writes(&self, encoding: &'static str) {
        self.state().encoding = encoding;
    }

    /// What it saw since the last time somebody asked.
    pub fn seen(&self) -> Seen {
        let mut state = self.state();
        state.moods.clear();
        std::mem::take(&mut state.seen)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn respond(state: Arc<Mutex<State>>, question: Question) -> Result<Response<Spoilt>> {
    let (mood, told) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let mood = state.moods.pop_front().unwrap_or(Mood::Well);
        let told = state.tell(&question, &mood);
        (mood, told)
    };
    // Only the answer is late: what was asked was seen, also where nobody waits for the answer.
    if let Mood::Slow(delay) = mood {
        tokio::time::sleep(delay).await;
    }
    told
}

impl State {
    fn tell(&mut self, question: &Question, mood: &Mood) -> Result<Response<Spoilt>> {
        let path = question.uri().path().strip_prefix(PATH).unwrap_or_default();
        let has_key = question.uri().query() == Some(&format!("apiKey={API_KEY}"));
        let is_customer = question.headers().get("hypernet-customerid").is_some_and(|own| own == CUSTOMER);
        if !has_key || !is_customer {
            return answer(&Mood::Status(401, None), JSON, String::new());
        }
        match (question.method().as_str(), path) {
            ("POST", "/") if question.body() == "{}" => {
                self.seen.started += 1;
                answer(mood, JSON, format!("{{\"dataKey\": \"export-{}\"}}", self.seen.started))
            }
            ("GET", path) if path.ends_with("/status") => {
                self.seen.asked += 1;
                let is_ready = self.waits == 0;
                self.waits = self.waits.saturating_sub(1);
                answer(
                    mood,
                    JSON,
                    format!("{{\"startTime\": \"x\", \"stopTime\": {}}}", if is_ready { "\"y\"" } else { "null" }),
                )
            }
            ("GET", path) if path.starts_with("/export-") => {
                self.seen.downloaded += 1;
                let school = self.school.clone();
                if *mood == Mood::Well {
                    let is_latin = self.encoding == "iso-8859-1";
                    let encode =
                        move |text: String| Bytes::from(if is_latin { latin(&text) } else { text.into_bytes() });
                    let body = Spoilt::pieces(pieces(school, self.encoding).map(encode));
                    return Ok(Response::builder().header("content-type", XML).body(body)?);
                }
                let school = if *mood == Mood::Empty { School { pupils: 0, ..school } } else { school };
                answer(mood, XML, pieces(school, "utf-8").collect())
            }
            ("GET", "/") => answer(mood, JSON, String::new()),
            _ => answer(&Mood::Status(404, None), JSON, String::new()),
        }
    }
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

/// The id of a person.
pub fn person_id(at: usize) -> String {
    format!("6f9619ff-8b86-d011-b42d-{at:012x}")
}

/// The code of a unit.
pub fn unit_code(unit: usize) -> String {
    format!("LYS-{unit:02}")
}

/// The id of a class.
pub fn class_id(unit: usize, class: usize) -> String {
    format!("{}-{}", unit_code(unit), class_name(class))
}

/// A whole export, as text.
pub fn export(school: &School) -> String {
    pieces(school.clone(), "utf-8").collect()
}

/// The pieces of an export, made when they are wanted.
fn pieces(school: School, encoding: &'static str) -> impl Iterator<Item = String> + Send {
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<enterprise><properties lang=\"sv\"><datasource>EXTENS</datasource></properties>\n"
    );
    let own = school.clone();
    let persons = (0..school.pupils).map(move |at| person(&own.pupil(at)));
    let own = school.clone();
    let groups = (0..school.units).flat_map(move |unit| (0..own.classes).map(move |class| group(unit, class)));
    let own = school.clone();
    let memberships = (0..school.pupils).map(move |at| membership(&own.pupil(at)));
    [head]
        .into_iter()
        .chain(persons)
        .chain(groups)
        .chain((0..school.units).map(unit))
        .chain(memberships)
        .chain(["</enterprise>\n".to_owned()])
}

fn sourced(id: &str) -> String {
    format!("<sourcedid><source>EXTENS</source><id>{id}</id></sourcedid>")
}

fn person(pupil: &Pupil) -> String {
    let id = person_id(pupil.at);
    // As the system writes them, with a hyphen.
    let number = format!("{}-{}", &pupil.number[..8], &pupil.number[8..]);
    let (given, surname) = (escape(&pupil.given), escape(&pupil.surname));
    let own = format!(
        "<person recstatus=\"1\">{}<userid password=\"\">e{}</userid><name><fn>{given} {surname}</fn><n><family>{surname}</family><given>{given}</given></n></name>\
         <email>{}@example.se</email><tel teltype=\"voice\"/><tel teltype=\"mobile\">0700000000</tel><adr><street>Testgatan 1</street><locality>LYSEKIL</locality><pcode>45330</pcode></adr>\
         <institutionrole roletype=\"Student\" primaryrole=\"Yes\"/><extension><ssn>{number}</ssn><personguid>{id}</personguid>\
         <yeargroups><yeargroup unit=\"{}\">{}</yeargroup></yeargroups></extension></person>\n",
        sourced(&id),
        pupil.at,
        pupil.at,
        unit_code(pupil.unit),
        pupil.class.unwrap_or(9),
    );
    // Some are told of twice, as the real one does.
    let again = if pupil.at.is_multiple_of(7) { own.replace(&number, "-") } else { String::new() };
    let guardian = |(which, number): (usize, &String)| {
        format!(
            "<person recstatus=\"1\">{}<name><n><family>Förälder</family><given>F</given></n></name><extension><ssn>{number}</ssn>\
             <carerrelationship recstatus=\"1\"><sourcedid><source>EXTENS</source><id>{id}</id><carertype>Vårdnadshavare</carertype></sourcedid></carerrelationship></extension></person>\n",
            sourced(&format!("6f9619ff-8b86-d011-c{which:03}-{:012x}", pupil.at)),
        )
    };
    own + &again + &pupil.guardians.iter().enumerate().map(guardian).collect::<String>()
}

fn group(unit: usize, class: usize) -> String {
    let (name, code, id) = (class_name(class), unit_code(unit), class_id(unit, class));
    format!(
        "<group recstatus=\"1\">{}<grouptype><scheme/><typevalue level=\"2\">Klass</typevalue></grouptype><description><short>{name}</short></description><org><type>GR</type></org>\
         <relationship relation=\"1\">{}<label>Parent</label></relationship><extension><schoolunit>{}</schoolunit><schoolunitcode>1234567{unit}</schoolunitcode>\
         <institution>{code}</institution><groupname>{name}</groupname></extension></group>\n",
        sourced(&id),
        sourced(&code),
        escape(&unit_name(unit)),
    )
}

/// A teaching group for all of a unit.
fn unit(unit: usize) -> String {
    let code = unit_code(unit);
    format!(
        "<group recstatus=\"2\">{}<grouptype><typevalue level=\"3\">Undervisningsgrupp</typevalue></grouptype><description><short>Matematik</short></description>\
         <extension><institution>{code}</institution></extension></group>\n<membership>{}</membership>\n",
        sourced(&format!("{code}-MA")),
        sourced(&format!("{code}-MA")),
    )
}

fn membership(pupil: &Pupil) -> String {
    let one = |group: &str| {
        format!(
            "<membership>{}<member>{}<idtype>1</idtype><role recstatus=\"1\" roletype=\"1\"><subrole>Elev</subrole><status>1</status></role></member></membership>\n",
            sourced(group),
            sourced(&person_id(pupil.at)),
        )
    };
    let class = pupil.class.map(|class| one(&class_id(pupil.unit, class))).unwrap_or_default();
    let teaching = if pupil.at.is_multiple_of(2) || pupil.class.is_none() {
        one(&format!("{}-MA", unit_code(pupil.unit)))
    } else {
        String::new()
    };
    class + &teaching
}
