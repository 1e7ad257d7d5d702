//! Procapita's IMS Enterprise service, as far as it is publicly known: four endpoints by SOAP.
//!
//! It accepts only questions as the real one's description has them: the right action for the right element at the right
//! endpoint, the customer's domain, the elements in their order.

use crate::certificate::Authority;
use crate::https::{Https, Question};
use crate::school::{Mood, Pupil, School, Spoilt, YEAR, answer, class_name, escape, unit_name};
use anyhow::Result;
use hyper::Response;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The customer's domain.
pub const DOMAIN: &str = "kommun-1";
const PATH: &str = "/HCW.Welfare.CustomSolutions.Integration.IISHost/V1/imsbasicservice.svc";
const XML: &str = "text/xml; charset=utf-8";

/// What it saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The element of each question, in order.
    pub questions: Vec<String>,
    /// The day that a question asked for, in order.
    pub days: Vec<String>,
}

struct State {
    school: School,
    moods: VecDeque<Mood>,
    /// Those who are told of as started, changed or ended: a pupil, and the class that it was in.
    touched: Vec<(usize, String)>,
    /// The pupils that are not there any more.
    left: Vec<usize>,
    is_well: bool,
    last: String,
    seen: Seen,
}

/// The service.
pub struct Procapita {
    authority: PathBuf,
    https: Https,
    state: Arc<Mutex<State>>,
}

impl Procapita {
    /// Starts it. Its certificates are made in the folder.
    pub async fn start(folder: &Path, school: School) -> Result<Procapita> {
        let authority = Authority::new(folder)?;
        let identity = authority.server(&["localhost"])?;
        let state = Arc::new(Mutex::new(State {
            school,
            moods: VecDeque::new(),
            touched: Vec::new(),
            left: Vec::new(),
            is_well: true,
            last: String::new(),
            seen: Seen::default(),
        }));
        let own = Arc::clone(&state);
        let https = Https::start(&identity, None, move |question| respond(Arc::clone(&own), question)).await?;
        Ok(Procapita { authority: authority.certificate(), https, state })
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

    /// Lets a pupil leave, and tells of it where somebody asks what changed.
    pub fn leaves(&self, at: usize) {
        let mut state = self.state();
        let pupil = state.school.pupil(at);
        state.left.push(at);
        state.touched.push((at, group_of(&pupil)));
    }

    /// Says of itself that it is out of order, or in order again.
    pub fn is_well(&self, is_well: bool) {
        self.state().is_well = is_well;
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

/// The id of a unit.
pub fn unit_id(unit: usize) -> String {
    format!("Unit={}", unit + 1)
}

/// The id of the group that a pupil is in.
pub fn group_of(pupil: &Pupil) -> String {
    let unit = unit_id(pupil.unit);
    match pupil.class {
        Some(class) => format!("{unit};StudentClass={}", class_name(class)),
        None => format!("{unit};UnitDomain=GR"),
    }
}

async fn respond(state: Arc<Mutex<State>>, question: Question) -> Result<Response<Spoilt>> {
    let mood = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.moods.pop_front().unwrap_or(Mood::Well)
    };
    if let Mood::Slow(delay) = mood {
        tokio::time::sleep(delay).await;
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let body = String::from_utf8(question.body().to_vec())?;
    let action = question.headers().get("soapaction").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_right_domain = question.uri().query() == Some(&format!("DomainId={DOMAIN}"));
    let endpoint = question.uri().path().strip_prefix(PATH).filter(|_| is_right_domain).unwrap_or_default();
    let Some(text) = state.tell(endpoint, action.trim_matches('"'), &body, &mood) else {
        let fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>201501012395 Hemlig</faultstring></s:Fault>";
        let mut response = answer(&Mood::Well, XML, envelope("", fault))?;
        *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        return Ok(response);
    };
    answer(&mood, XML, text)
}

fn envelope(header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn between<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("{name}>"))?;
    rest.split("</").next()
}

/// Whether the question has an identifier of its own.
fn has_identifier(body: &str) -> bool {
    let own = body.split_once("messageIdentifier").and_then(|(_, rest)| rest.split_once('>'));
    own.is_some_and(|(_, text)| text.starts_with("sluss_"))
}

impl State {
    /// What is said to a question; nothing to one that is not as it should be.
    fn tell(&mut self, endpoint: &str, action: &str, body: &str, mood: &Mood) -> Option<String> {
        const EXTENSIONS: &str = "http://www.tieto.com/soap/ims/extensions";
        let info = "<b:syncResponseHeaderInfo xmlns:b=\"http://www.imsglobal.org/services/common/imsMessBindSchema_v1p0\">\
                    <b:messageIdentifier>HOST_638</b:messageIdentifier><b:statusInfo><b:codeMajor>success</b:codeMajor>\
                    <b:severity>status</b:severity></b:statusInfo></b:syncResponseHeaderInfo>";
        let info = if *mood == Mood::Fails { info.replace("success", "failure") } else { info.to_owned() };
        let is = |own: &str, name: &str, element: &str| {
            endpoint == own && action == name && body.contains(&format!(":{element} ")) && has_identifier(body)
        };
        let told = if is(
            "/MembershipManagementServiceSync",
            "http://www.imsglobal.org/soap/mms/readMembershipsForGroup",
            "readMembershipsForGroupRequest",
        ) {
            let day =
                between(body, "identifier xmlns:c=\"http://www.imsglobal.org/services/common/imsCommonSchema_v1p0\"")?;
            let day = day.strip_prefix("SearchDate=").filter(|day| day.len() == 8)?;
            self.saw("readMembershipsForGroup", Some(day));
            let count = if *mood == Mood::Empty { 0 } else { self.school.units };
            let units: String =
                (0..count).map(|unit| membership("membership", "SearchDate", &unit_id(unit), "Group", "")).collect();
            envelope(
                &info,
                &format!(
                    "<m:readMembershipsForGroupResponse><m:membershipSet>{units}</m:membershipSet></m:readMembershipsForGroupResponse>"
                ),
            )
        } else if is("/GroupManagementServiceSync", "http://www.imsglobal.org/soap/gms/readGroup", "readGroupRequest") {
            self.saw("readGroup", None);
            let unit = (0..self.school.units).find(|unit| body.contains(&format!(">{}<", unit_id(*unit))))?;
            let name = escape(&unit_name(unit));
            envelope(
                &info,
                &format!(
                    "<g:readGroupResponse><g:group><d:description><d:descShort>{name}</d:descShort></d:description></g:group></g:readGroupResponse>"
                ),
            )
        } else if is("/ExtensionServiceSync", &format!("{EXTENSIONS}/readBatch"), "extReadBatch") {
            let order = [
                "syncRequestHeaderInfo>",
                "SearchDate>",
                "Unit>",
                "UnitDomain>",
                "CreateSecondarySchoolUnitMembership>",
                "RemoveUsersWithEmptyEmailGen>",
            ];
            let places: Vec<usize> =
                order.iter().map(|name| body.find(&format!("<x:{name}"))).collect::<Option<_>>()?;
            places.is_sorted().then_some(())?;
            let day = between(body, "SearchDate")?.strip_suffix("T00:00:00")?.to_owned();
            self.saw("extReadBatch", Some(&day));
            let unit =
                (0..self.school.units).find(|unit| between(body, ":Unit") == Some(&escape(&unit_name(*unit))))?;
            if *mood == Mood::Repeats {
                return Some(self.last.clone());
            }
            let batch = self.batch(unit, *mood == Mood::Empty);
            let told = envelope(
                "",
                &format!(
                    "<x:extReadBatchResponse><x:extReadBatchResult>{info}{batch}</x:extReadBatchResult></x:extReadBatchResponse>"
                ),
            );
            self.last.clone_from(&told);
            told
        } else if is(
            "/ExtensionServiceSync",
            &format!("{EXTENSIONS}/extReadUpdatedMemberships"),
            "extReadUpdatedMemberships",
        ) {
            let day = between(body, "SearchFromDate")?.strip_suffix("T00:00:00")?.to_owned();
            self.saw("extReadUpdatedMemberships", Some(&day));
            let unit =
                (0..self.school.units).find(|unit| between(body, ":string") == Some(&escape(&unit_name(*unit))))?;
            let ended: String = self
                .touched
                .iter()
                .map(|(at, group)| (self.school.pupil(*at), group))
                .filter(|(pupil, _)| pupil.unit == unit)
                .map(|(pupil, group)| membership("MembershipDType", group, &pupil.number, "Person", ""))
                .collect();
            envelope(
                "",
                &format!(
                    "<x:extReadUpdatedMembershipsResponse><x:extReadUpdatedMembershipsResult>{info}<x:ChangedMemberships/><x:StartedMemberships/><x:EndedMemberships>{ended}</x:EndedMemberships></x:extReadUpdatedMembershipsResult></x:extReadUpdatedMembershipsResponse>"
                ),
            )
        } else if is("/ExtensionServiceSync", &format!("{EXTENSIONS}/verifyDatabase"), "extVerifySystemRunning") {
            self.saw("extVerifySystemRunning", None);
            envelope(
                "",
                &format!(
                    "<x:extVerifySystemRunningResponse><x:extVerifySystemRunningResult>{info}<x:IsOk>{}</x:IsOk><x:Error/></x:extVerifySystemRunningResult></x:extVerifySystemRunningResponse>",
                    self.is_well
                ),
            )
        } else {
            self.saw("?", None);
            return None;
        };
        Some(told)
    }

    fn saw(&mut self, question: &str, day: Option<&str>) {
        self.seen.questions.push(question.to_owned());
        self.seen.days.extend(day.map(|day| day.replace('-', "")));
    }

    fn batch(&self, unit: usize, is_empty: bool) -> String {
        if is_empty {
            return "<x:Enterprice/>".to_owned();
        }
        let id = unit_id(unit);
        let domain = format!("{id};UnitDomain=GR");
        let mut memberships = membership("MembershipDType", &id, &domain, "Group", "");
        let mut groups = group(
            &id,
            "unit",
            &[("UnitName", &escape(&unit_name(unit))), ("UnitId", &format!("E{unit}")), ("SchoolManagerArea", "Norr")],
        ) + &group(&domain, "unitdomain", &[("UnitDomainShortName", "GR")]);
        for class in 0..self.school.classes {
            let name = class_name(class);
            let class_id = format!("{id};StudentClass={name}");
            groups += &group(&class_id, "studentclass", &[("ClassName", &name), ("Grade", &class.to_string())]);
            // The last class of the last unit leads in a circle; that is no reason to lose it.
            let above =
                if class + 1 == self.school.classes && unit + 1 == self.school.units { &class_id } else { &domain };
            memberships += &membership("MembershipDType", above, &class_id, "Group", "");
        }
        let math = format!("{id};StudentGroup=MA");
        groups += &group(&math, "studentgroup", &[("GroupName", "Matematik")]);
        memberships += &membership("MembershipDType", &domain, &math, "Group", "");
        let role = format!(
            "<m:role><m:roleType>Learner</m:roleType><m:timeFrame><c:begin><c:date>{}</c:date></c:begin><c:end><c:date>{}</c:date></c:end></m:timeFrame></m:role>",
            YEAR.0, YEAR.1
        );
        let mut persons = String::new();
        for pupil in self.school.of_unit(unit).filter(|pupil| !self.left.contains(&pupil.at)) {
            memberships += &membership("MembershipDType", &group_of(&pupil), &pupil.number, "Person", &role);
            if pupil.at % 2 == 0 {
                memberships += &membership("MembershipDType", &math, &pupil.number, "Person", &role);
            }
            persons += &person(&pupil);
        }
        let teacher = Pupil {
            number: "198001022386".to_owned(),
            given: "Lärare".to_owned(),
            surname: "Lärarsson".to_owned(),
            guardians: Vec::new(),
            ..self.school.pupil(0)
        };
        persons += &person(&teacher).replace("Student", "Faculty");
        memberships +=
            &membership("MembershipDType", &id, &teacher.number, "Person", &role.replace("Learner", "Instructor"));
        format!(
            "<x:Enterprice><x:Memberships>{memberships}</x:Memberships><x:Groups>{groups}</x:Groups><x:Persons>{persons}</x:Persons></x:Enterprice>"
        )
    }
}

fn membership(element: &str, group: &str, member: &str, kind: &str, role: &str) -> String {
    format!(
        "<x:{element}><m:groupSourcedId><c:identifier>{group}</c:identifier></m:groupSourcedId><m:member><m:memberSourcedId>\
         <c:identifier>{member}</c:identifier></m:memberSourcedId><m:idType>{kind}</m:idType>{role}</m:member></x:{element}>"
    )
}

fn fields(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| {
        format!(
            "<c:extensionField><c:fieldName>{name}</c:fieldName><c:fieldType>String</c:fieldType><c:fieldValue>{value}</c:fieldValue></c:extensionField>"
        )
    };
    fields.iter().map(field).collect()
}

fn group(id: &str, kind: &str, own: &[(&str, &str)]) -> String {
    let all = fields(&[&[("Identifier", id), ("GroupType", kind)], own].concat());
    format!(
        "<x:GroupDType><g:description><g:descShort>{kind}</g:descShort></g:description><g:extension>{all}</g:extension></x:GroupDType>"
    )
}

fn person(pupil: &Pupil) -> String {
    let names = [("CareholderOne", pupil.guardians.first()), ("CareholderTwo", pupil.guardians.get(1))];
    let guardians: Vec<(&str, &str)> =
        names.iter().map(|(name, number)| (*name, number.map_or("", String::as_str))).collect();
    let part = |kind: &str, value: &str| {
        format!(
            "<p:partName><p:namePartType>{kind}</p:namePartType><p:namePartValue>{}</p:namePartValue></p:partName>",
            escape(value)
        )
    };
    format!(
        "<x:PersonIdPairDType><pm:sourcedId><c:identifier>{}</c:identifier></pm:sourcedId><pm:person><p:formatName/><p:name>{}{}</p:name>\
         <c:email>{}@example.se</c:email><p:address><p:locality>KUNGSHAMN</p:locality><p:street>Testgatan 1</p:street></p:address>\
         <p:institutionRole><p:institutionRoleType>Student</p:institutionRoleType><p:primaryRoleType>true</p:primaryRoleType></p:institutionRole>\
         <p:extension>{}</p:extension></pm:person></x:PersonIdPairDType>",
        pupil.number,
        part("FirstName", &pupil.given),
        part("LastName", &pupil.surname),
        pupil.at,
        fields(&guardians)
    )
}
