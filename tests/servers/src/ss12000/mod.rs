//! A school system that speaks SS 12000, as Skolverket's reference implementation does and with what the standard has
//! beyond it.
//!
//! It demands a token, pages as the reference implementation does, and fails in every way that a test asks for.

pub mod mood;
pub mod people;
pub mod school;

use crate::certificate::Authority;
use crate::https::{Answer, Https, Question};
use anyhow::{Result, bail};
use hyper::Response;
pub use mood::Mood;
pub use school::School;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Who asks for tokens.
pub const CLIENT: (&str, &str) = ("sluss-test", "client-s3cret");

/// The school system.
pub struct Ss12000 {
    authority: PathBuf,
    https: Https,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    school: School,
    /// What it does with the next questions for a path.
    moods: HashMap<String, VecDeque<Mood>>,
    /// The paths that nobody may read.
    closed: HashSet<String>,
    /// The questions that it heard.
    asked: Vec<String>,
    /// What it said last for each path.
    said: HashMap<String, Value>,
    tokens: HashSet<String>,
    given: usize,
}

impl Ss12000 {
    /// Starts it with these records. Its certificate is made in the folder.
    pub async fn start(folder: &Path, school: School) -> Result<Ss12000> {
        let authority = Authority::new(folder)?;
        let identity = authority.server(&["localhost"])?;
        let state = Arc::new(Mutex::new(State { school, ..State::default() }));
        let own = Arc::clone(&state);
        let https = Https::start(&identity, None, move |question| answer(Arc::clone(&own), question)).await?;
        Ok(Ss12000 { authority: authority.certificate(), https, state })
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The address of the API.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/v2.0", self.https.port())
    }

    /// Where tokens come from.
    pub fn token(&self) -> String {
        format!("https://localhost:{}/token", self.https.port())
    }

    /// What it does with the next questions for a path, such as `/persons`; then it answers well again.
    pub fn at(&self, path: &str, moods: impl IntoIterator<Item = Mood>) {
        self.state().moods.entry(path.to_owned()).or_default().extend(moods);
    }

    /// Lets nobody read a path.
    pub fn close(&self, path: &str) {
        self.state().closed.insert(path.to_owned());
    }

    /// Changes what it holds, now.
    pub fn change(&self, change: impl FnOnce(&mut School)) {
        let mut state = self.state();
        state.school.now = now();
        change(&mut state.school);
    }

    /// The questions that it heard since the last time somebody asked.
    pub fn asked(&self) -> Vec<String> {
        let mut state = self.state();
        state.moods.clear();
        std::mem::take(&mut state.asked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The moment that it is, in seconds since 1970.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

async fn answer(state: Arc<Mutex<State>>, question: Question) -> Result<Answer> {
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    if question.uri().path() == "/token" {
        return token(&mut lock(), &question);
    }
    let path = question.uri().path().strip_prefix("/v2.0").unwrap_or_default().to_owned();
    let mood = {
        let mut state = lock();
        state.asked.push(format!("{path}?{}", question.uri().query().unwrap_or_default()));
        state.moods.get_mut(&path).and_then(VecDeque::pop_front).unwrap_or(Mood::Well)
    };
    match mood {
        Mood::Slow(delay) => tokio::time::sleep(delay).await,
        Mood::Cut => bail!("the connection is cut"),
        _ => {}
    }
    api(&mut lock(), &path, &question, &mood)
}

fn token(state: &mut State, question: &Question) -> Result<Answer> {
    let fields: HashMap<String, String> = url::form_urlencoded::parse(question.body()).into_owned().collect();
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|own| own == value);
    if !(is("grant_type", "client_credentials") && is("client_id", CLIENT.0) && is("client_secret", CLIENT.1)) {
        return reply(401, &json!({"error": "invalid_client"}).to_string());
    }
    state.given += 1;
    let token = format!("t0ken-number-{}", state.given);
    state.tokens.insert(token.clone());
    reply(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).to_string())
}

fn api(state: &mut State, path: &str, question: &Question, mood: &Mood) -> Result<Answer> {
    if *mood == Mood::ForgetTokens {
        state.tokens.clear();
    }
    let header = question.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header.strip_prefix("Bearer ").is_some_and(|token| state.tokens.contains(token)) {
        return reply(401, &school::error(401).to_string());
    }
    if state.closed.contains(path) {
        return reply(403, &school::error(403).to_string());
    }
    let query = question.uri().query().unwrap_or_default();
    let query: school::Query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let has_token = query.contains_key("pageToken");
    let (status, mut said) = match mood {
        Mood::Status(status, _) => (*status, school::error(*status)),
        Mood::RefusesToken if has_token => (400, school::error(400)),
        _ => state.school.answer(path, &query),
    };
    match (mood, state.said.get(path)) {
        (Mood::SameToken, _) => said["pageToken"] = json!(query.get("pageToken").map_or("again", String::as_str)),
        (Mood::SamePage, Some(before)) => said["data"] = before["data"].clone(),
        (Mood::WrongShape, _) => said = json!({"data": {"persons": "198602212394 Hemlig"}, "pageToken": 7}),
        (Mood::Nested, _) => said["data"] = (0..200).fold(json!(1), |inner, _| json!([inner])),
        _ => {}
    }
    let text = said.to_string();
    state.said.insert(path.to_owned(), said);
    let half = || text[..text.floor_char_boundary(text.len() / 2)].to_owned();
    let mut answer = Response::builder().status(status).header("content-type", "application/json");
    if let Mood::Status(_, Some(seconds)) = mood {
        answer = answer.header("retry-after", seconds.to_string());
    }
    let body = match mood {
        Mood::CutBody => {
            answer = answer.header("content-length", text.len());
            half()
        }
        Mood::Half => half(),
        Mood::Malformed => text.replacen(':', ",", 1),
        _ => text,
    };
    Ok(answer.body(body.into())?)
}

fn reply(status: u16, body: &str) -> Result<Answer> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Ok(answer.body(body.to_owned().into())?)
}
