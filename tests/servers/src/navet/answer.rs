//! What the register answers, by what was asked and by its mood.

use super::mood::Mood;
use super::people::{Person, people};
use super::{CLIENT, GATEWAY, ORDER, ORGANISATION, SCOPE, Seen};
use crate::https::{Answer, Question};
use anyhow::{Result, bail};
use hyper::Response;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The most persons that one call may ask for.
const MOST_NUMBERS: usize = 900;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Which of its doors was knocked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Soap,
    Rest,
    Token,
}

/// All that the register knows.
pub struct State {
    pub people: BTreeMap<String, Person>,
    pub moods: VecDeque<Mood>,
    pub refused: HashSet<String>,
    pub plain: bool,
    pub seen: Seen,
    tokens: HashSet<String>,
    given: usize,
}

/// What is to be said, in either format.
struct Told {
    posts: Vec<Person>,
    absent: Vec<String>,
}

impl State {
    pub fn new() -> State {
        State {
            people: people().into_iter().map(|person| (person.number.clone(), person)).collect(),
            moods: VecDeque::new(),
            refused: HashSet::new(),
            plain: false,
            seen: Seen::default(),
            tokens: HashSet::new(),
            given: 0,
        }
    }

    fn told(&self, numbers: &[String], mood: &Mood) -> Told {
        let skipped = usize::from(*mood == Mood::LeavesOut);
        let asked = &numbers[skipped.min(numbers.len())..];
        let (known, absent): (Vec<&String>, Vec<&String>) =
            asked.iter().partition(|number| self.people.contains_key(*number));
        let mut posts: Vec<Person> = known.into_iter().map(|number| self.people[number].clone()).collect();
        match mood {
            Mood::Stranger => posts.iter_mut().for_each(|post| post.number = "199001012385".to_owned()),
            Mood::Twice => posts.extend(posts.clone()),
            Mood::TwoStories => {
                let others = posts.clone().into_iter();
                posts.extend(others.map(|post| Person { surname: "Annorlunda", ..post }));
            }
            _ => {}
        }
        Told { posts, absent: absent.into_iter().cloned().collect() }
    }
}

/// Answers a question.
pub async fn answer(state: Arc<Mutex<State>>, gate: Gate, question: Question) -> Result<Answer> {
    let mood = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if gate == Gate::Token { Mood::Well } else { state.moods.pop_front().unwrap_or(Mood::Well) }
    };
    match mood {
        Mood::Slow(delay) => tokio::time::sleep(delay).await,
        Mood::Cut => bail!("the connection is cut"),
        _ => {}
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    match gate {
        Gate::Token => token(&mut state, &question),
        Gate::Soap => soap(&mut state, &question, &mood),
        Gate::Rest => rest(&mut state, &question, &mood),
    }
}

fn reply(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Result<Answer> {
    let body: Vec<u8> = body.into();
    Ok(Response::builder().status(status).header("content-type", kind).body(body.into())?)
}

/// Moods in which it does not matter what was asked.
fn moody(mood: &Mood) -> Option<Result<Answer>> {
    let Mood::Status(status, after) = mood else { return None };
    let mut answer = Response::builder().status(*status);
    if let Some(seconds) = after {
        answer = answer.header("retry-after", seconds.to_string());
    }
    Some(answer.body("198602212394 Hemlig".into()).map_err(Into::into))
}

fn token(state: &mut State, question: &Question) -> Result<Answer> {
    let fields: HashMap<String, String> = url::form_urlencoded::parse(question.body()).into_owned().collect();
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|own| own == value);
    let is_right = question.uri().path() == "/oauth2/v1/sysorg/token"
        && is("grant_type", "client_credentials")
        && is("client_id", CLIENT.0)
        && is("client_secret", CLIENT.1)
        && is("scope", SCOPE);
    if !is_right {
        return reply(401, "application/json", r#"{"error":"invalid_client"}"#);
    }
    state.given += 1;
    state.seen.tokens += 1;
    let token = format!("t0ken-number-{}", state.given);
    state.tokens.insert(token.clone());
    reply(200, "application/json", json!({"access_token": token, "expires_in": 3600}).to_string())
}

fn soap(state: &mut State, question: &Question, mood: &Mood) -> Result<Answer> {
    const XML: &str = "text/xml; charset=utf-8";
    if question.method() == "GET" {
        return moody(mood).unwrap_or_else(|| reply(405, XML, ""));
    }
    let body = String::from_utf8(question.body().to_vec())?;
    let between = |name: &str| body.split(&format!(":{name}>")).nth(1).and_then(|text| text.split("</").next());
    let number = between("PersonId").unwrap_or_default().to_owned();
    state.seen.calls.push(1);
    state.seen.numbers.push(number.clone());
    if let Some(answer) = moody(mood) {
        return answer;
    }
    let is_right = question.uri().path() == "/na/na_epersondata/V4/personpostXML"
        && between("OrgNr") == Some(ORGANISATION)
        && between("BestallningsId") == Some(ORDER);
    let fault = |blamed: &str| {
        let text = format!(
            "<S:Fault><faultcode>S:{blamed}</faultcode><faultstring>Felaktiga inparametrar</faultstring><detail>\
             <Felkod>117</Felkod><Beskrivning>{number} Hemlig</Beskrivning></detail></S:Fault>"
        );
        reply(500, XML, envelope(&text))
    };
    if !is_right || *mood == Mood::Refuses || state.refused.contains(&number) {
        return fault("Client");
    }
    if *mood == Mood::Fails {
        return fault("Server");
    }
    let told = state.told(&[number], mood);
    let mut posts: String = told.posts.iter().map(|person| person.xml(state.plain)).collect();
    match mood {
        Mood::Nested => posts = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200)),
        Mood::Enormous => posts = posts.replace("<Efternamn>", &format!("<Efternamn>{}", "x".repeat(1_000_000))),
        Mood::Malformed => posts.push_str("</b>"),
        Mood::Bomb => posts = posts.replace("<Efternamn>", "<Efternamn>&d;"),
        _ => {}
    }
    let mut text = envelope(&format!(
        "<ns0:PersonpostXMLResponse xmlns:ns0=\"http://xmls.skatteverket.se/se/skatteverket/folkbokforing/na/epersondata/V1\">\
         <ns0:Folkbokforingsposter>{posts}</ns0:Folkbokforingsposter></ns0:PersonpostXMLResponse>"
    ));
    match mood {
        Mood::Half => text.truncate(text.floor_char_boundary(text.len() / 2)),
        Mood::Bomb => {
            let entities: String = ["a", "b", "c", "d"]
                .windows(2)
                .map(|pair| format!("<!ENTITY {} \"{}\">", pair[1], format!("&{};", pair[0]).repeat(100)))
                .collect();
            text = text.replacen("?>", &format!("?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">{entities}]>"), 1);
        }
        _ => {}
    }
    reply(200, XML, text)
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S=\"{ENVELOPE}\"><S:Body>{body}</S:Body></S:Envelope>"
    )
}

fn rest(state: &mut State, question: &Question, mood: &Mood) -> Result<Answer> {
    const JSON: &str = "application/json";
    let header = |name: &str| question.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refuse = |status: u16, number: &str| {
        let fault = json!({"id": number, "orsakskod": status, "orsakskodsbeskrivning": format!("{number} Hemlig")});
        reply(status, JSON, json!({"fel": [fault], "status": status, "tidpunkt": "x"}).to_string())
    };
    if *mood == Mood::ForgetTokens {
        state.tokens.clear();
    }
    let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    let is_known = header("client_id") == GATEWAY.0 && header("client_secret") == GATEWAY.1;
    if !is_known || !state.tokens.contains(token) {
        return refuse(401, "");
    }
    let asked: Value = serde_json::from_slice(question.body())?;
    let wanted = asked["sokvillkor"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<String> =
        wanted.iter().filter_map(|item| item["identitetsbeteckning"].as_str()).map(str::to_owned).collect();
    state.seen.calls.push(numbers.len());
    state.seen.numbers.extend(numbers.clone());
    state.seen.correlations.push(header("skv_client_correlation_id").to_owned());
    if let Some(answer) = moody(mood) {
        return answer;
    }
    let order = json!({"organisationsnummer": ORGANISATION, "bestallningsidentitet": ORDER});
    let is_right = question.uri().path().ends_with("/v3/hamta") && asked["bestallning"] == order;
    let is_sized = (1..=MOST_NUMBERS).contains(&numbers.len());
    let refused = numbers.iter().find(|number| state.refused.contains(*number));
    match (mood, refused) {
        (Mood::Fails, _) => return refuse(500, ""),
        (Mood::Refuses, _) => return refuse(400, ""),
        (_, Some(number)) => return refuse(400, number),
        _ if !is_right || !is_sized => return refuse(400, ""),
        _ => {}
    }
    let told = state.told(&numbers, mood);
    let posts: Vec<Value> = told.posts.iter().map(Person::json).collect();
    let absent = told.absent.iter();
    let absent: Vec<Value> =
        absent.map(|number| json!({"id": number, "orsakskod": 404, "orsakskodsbeskrivning": "finns inte"})).collect();
    let mut answer = json!({"folkbokforingsposter": posts, "fel": absent, "status": 200, "tidpunkt": "x"});
    match mood {
        Mood::Enormous => answer["tidpunkt"] = json!("x".repeat(1_000_000)),
        Mood::Nested => answer["tidpunkt"] = (0..200).fold(json!(1), |inner, _| json!([inner])),
        _ => {}
    }
    let mut text = answer.to_string();
    match mood {
        Mood::Half => text.truncate(text.floor_char_boundary(text.len() / 2)),
        Mood::Malformed | Mood::Bomb => text = text.replacen(':', ",", 1),
        _ => {}
    }
    reply(200, JSON, text)
}
