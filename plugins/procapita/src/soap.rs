//! The questions and answers of the IMS service, without the long answer that holds a unit (see `batch`).
//!
//! IMS's own services want the message's identifier in the envelope's header, Tieto's extensions in the body.

use crate::service::Call;
use sluss_roster::{Moment, dashed};
use sluss_sdk::Date;
use sluss_xml::{Broken, Element, escape};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const EXTENSIONS: &str = "http://www.tieto.com/ims/extensions";
const MESSAGES: &str = "http://www.imsglobal.org/services/common/imsMessBindSchema_v1p0";
const COMMON: &str = "http://www.imsglobal.org/services/common/imsCommonSchema_v1p0";
const GROUPS: &str = "http://www.imsglobal.org/services/gms/xsd/imsGroupManMessSchema_v1p0";
const MEMBERSHIPS: &str = "http://www.imsglobal.org/services/mms/xsd/imsMemberManMessSchema_v1p0";

/// The endpoint of Tieto's extensions.
const EXTENSION_PATH: &str = "/ExtensionServiceSync";

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The answer cannot be read.
    Broken(Broken),
    /// The service says that it could not, by this code of its own.
    Fault(String),
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        Trouble::Broken(broken)
    }
}

/// Which day's state is meant: yesterday's, while today is not over.
pub fn search_date(now: Moment, day_ends_at: u8) -> Date {
    now.date(u64::from(now.hour < u64::from(day_ends_at)))
}

/// Asks which units there are on a day.
pub fn units(date: Date, message: &str) -> Call {
    let body = format!(
        r#"<m:readMembershipsForGroupRequest xmlns:m="{MEMBERSHIPS}"><m:groupSourcedId><c:identifier xmlns:c="{COMMON}">SearchDate={}</c:identifier></m:groupSourcedId></m:readMembershipsForGroupRequest>"#,
        dashed(date, "")
    );
    Call {
        path: "/MembershipManagementServiceSync",
        action: "http://www.imsglobal.org/soap/mms/readMembershipsForGroup",
        body: envelope(&header(message), &body),
    }
}

/// Asks what a unit is called.
pub fn group(id: &str, message: &str) -> Call {
    let body = format!(
        r#"<g:readGroupRequest xmlns:g="{GROUPS}"><g:sourcedId><c:identifier xmlns:c="{COMMON}">{}</c:identifier></g:sourcedId></g:readGroupRequest>"#,
        escape(id)
    );
    Call {
        path: "/GroupManagementServiceSync",
        action: "http://www.imsglobal.org/soap/gms/readGroup",
        body: envelope(&header(message), &body),
    }
}

/// Asks for everything of a unit on a day. The action is not called as the element is.
pub fn batch(unit: &str, date: Date, makes_memberships: bool, message: &str) -> Call {
    let body = format!(
        r#"<x:extReadBatch xmlns:x="{EXTENSIONS}"><x:request>{}<x:SearchDate>{}T00:00:00</x:SearchDate><x:Unit>{}</x:Unit><x:UnitDomain></x:UnitDomain><x:CreateSecondarySchoolUnitMembership>{makes_memberships}</x:CreateSecondarySchoolUnitMembership><x:RemoveUsersWithEmptyEmailGen>false</x:RemoveUsersWithEmptyEmailGen></x:request></x:extReadBatch>"#,
        info(message),
        dashed(date, "-"),
        escape(unit),
    );
    Call {
        path: EXTENSION_PATH,
        action: "http://www.tieto.com/soap/ims/extensions/readBatch",
        body: envelope("", &body),
    }
}

/// Asks which memberships of a unit changed between two days.
pub fn updates(unit: &str, from: Date, to: Date, message: &str) -> Call {
    let options = |name: &str| {
        let parts: String = ["Students", "Staff", "StudentClasses", "StudentGroups"]
            .iter()
            .map(|part| format!("<x:{part}>true</x:{part}>"))
            .collect();
        format!("<x:{name}>{parts}</x:{name}>")
    };
    let body = format!(
        r#"<x:extReadUpdatedMemberships xmlns:x="{EXTENSIONS}"><x:request>{}{}{}{}<x:UnitFilter><x:UnitFilterType>Include</x:UnitFilterType><x:UnitNames><x:string>{}</x:string></x:UnitNames></x:UnitFilter><x:SearchFromDate>{}T00:00:00</x:SearchFromDate><x:SearchToDate>{}T00:00:00</x:SearchToDate></x:request></x:extReadUpdatedMemberships>"#,
        info(message),
        options("PrimarySchoolReadOptions"),
        options("SecondarySchoolReadOptions"),
        options("AdultEducationReadOptions"),
        escape(unit),
        dashed(from, "-"),
        dashed(to, "-"),
    );
    Call {
        path: EXTENSION_PATH,
        action: "http://www.tieto.com/soap/ims/extensions/extReadUpdatedMemberships",
        body: envelope("", &body),
    }
}

/// Asks whether the service and its database are in order.
pub fn health(message: &str) -> Call {
    let body = format!(
        r#"<x:extVerifySystemRunning xmlns:x="{EXTENSIONS}"><x:request>{}</x:request></x:extVerifySystemRunning>"#,
        info(message)
    );
    Call {
        path: EXTENSION_PATH,
        action: "http://www.tieto.com/soap/ims/extensions/verifyDatabase",
        body: envelope("", &body),
    }
}

fn info(message: &str) -> String {
    format!(
        r#"<x:syncRequestHeaderInfo><b:messageIdentifier xmlns:b="{MESSAGES}">{message}</b:messageIdentifier></x:syncRequestHeaderInfo>"#
    )
}

fn header(message: &str) -> String {
    format!(
        r#"<b:syncRequestHeaderInfo xmlns:b="{MESSAGES}"><b:messageIdentifier>{message}</b:messageIdentifier></b:syncRequestHeaderInfo>"#
    )
}

fn envelope(header: &str, body: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{ENVELOPE}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
    .into_bytes()
}

/// The ids of the units.
pub fn read_units(bytes: &[u8]) -> Result<Vec<String>, Trouble> {
    let body = body(bytes)?;
    let response = body.child("readMembershipsForGroupResponse").ok_or(Broken::Kind)?;
    let Some(set) = response.child("membershipSet") else { return Ok(Vec::new()) };
    let mut ids: Vec<String> = Vec::new();
    for membership in &set.children {
        let id = membership.said(&["member", "memberSourcedId", "identifier"]).ok_or(Broken::Kind)?;
        // A unit may be told of more than once.
        if !ids.iter().any(|own| own == id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// The name of a unit.
pub fn read_group(bytes: &[u8]) -> Result<String, Trouble> {
    let body = body(bytes)?;
    let response = body.child("readGroupResponse").ok_or(Broken::Kind)?;
    let name = response.said(&["group", "description", "descShort"]).ok_or(Broken::Kind)?;
    Ok(name.to_owned())
}

/// Whether the service is in order; otherwise nothing but that it is not, since its own words may be about somebody.
pub fn read_health(bytes: &[u8]) -> Result<bool, Trouble> {
    let body = body(bytes)?;
    let result = body.at(&["extVerifySystemRunningResponse", "extVerifySystemRunningResult"]).ok_or(Broken::Kind)?;
    Ok(matches!(result.said(&["IsOk"]), Some("true" | "1")))
}

/// The body of an answer that says that it is one.
fn body(bytes: &[u8]) -> Result<Element, Trouble> {
    let document = sluss_xml::parse(bytes)?;
    if let Some(found) = document.find("statusInfo") {
        status(found)?;
    }
    if let Some(found) = document.find("Fault") {
        return Err(fault(found));
    }
    let mut envelope = document.children.into_iter().next().filter(|own| own.name == "Envelope").ok_or(Broken::Kind)?;
    let at = envelope.children.iter().position(|own| own.name == "Body").ok_or(Broken::Kind)?;
    Ok(envelope.children.swap_remove(at))
}

/// What a `statusInfo` says: anything but success is none.
pub fn status(info: &Element) -> Result<(), Trouble> {
    match info.said(&["codeMajor"]).map(str::to_lowercase).as_deref() {
        Some("success") => Ok(()),
        Some(known @ ("failure" | "unsupported" | "processing")) => Err(Trouble::Fault(known.to_owned())),
        _ => Err(Trouble::Broken(Broken::Kind)),
    }
}

/// A SOAP fault. Of its words only the code is used: the others may be about somebody.
pub fn fault(fault: &Element) -> Trouble {
    let code = fault.said(&["faultcode"]).unwrap_or_default();
    let code = code.rsplit(':').next().unwrap_or_default();
    let is_word = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.');
    Trouble::Fault(if is_word { code.to_owned() } else { String::new() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn until_the_evening_it_is_yesterday() {
        let at = |utc: u64| Moment::of(UNIX_EPOCH + Duration::from_secs(utc));
        let noon = at(1_767_787_200); // 7 January 2026, 13:00 in Sweden
        assert_eq!(search_date(noon, 17).to_string(), "2026-01-06");
        assert_eq!(search_date(noon, 13).to_string(), "2026-01-07");
        assert_eq!(search_date(noon, 0).to_string(), "2026-01-07");
        assert_eq!(search_date(at(1_767_787_200 + 4 * 3600), 17).to_string(), "2026-01-07");
    }

    #[test]
    fn questions_are_well_formed_whatever_a_unit_is_called() {
        let date = Date::new(2026, 11, 22).unwrap();
        let calls = [
            units(date, "m1"),
            group("Unit=3&<\"x\">", "m1"),
            batch("Skola <A> & B", date, true, "m1"),
            updates("Skola <A> & B", date, date, "m1"),
            health("m1"),
        ];
        for call in calls {
            let document = sluss_xml::parse(&call.body).unwrap();
            assert_eq!(document.find("messageIdentifier").unwrap().text, "m1");
            assert!(document.find("Body").unwrap().children.len() == 1);
        }
        let document = sluss_xml::parse(&batch("Skola <A> & B", date, false, "m1").body).unwrap();
        let request = document.find("request").unwrap();
        let names: Vec<&str> = request.children.iter().map(|child| child.name.as_str()).collect();
        let order = [
            "syncRequestHeaderInfo",
            "SearchDate",
            "Unit",
            "UnitDomain",
            "CreateSecondarySchoolUnitMembership",
            "RemoveUsersWithEmptyEmailGen",
        ];
        assert_eq!(names, order);
        assert_eq!(
            (request.text_of("Unit"), request.text_of("SearchDate")),
            (Some("Skola <A> & B"), Some("2026-11-22T00:00:00"))
        );
    }

    fn answer(header: &str, body: &str) -> Vec<u8> {
        format!("<s:Envelope xmlns:s='s'><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>")
            .into_bytes()
    }

    fn info(code: &str) -> String {
        format!(
            "<syncResponseHeaderInfo><statusInfo><codeMajor>{code}</codeMajor><severity>status</severity></statusInfo></syncResponseHeaderInfo>"
        )
    }

    #[test]
    fn units_are_told_once() {
        let unit = |id: &str| {
            format!(
                "<p:membership><q:member><memberSourcedId><identifier>{id}</identifier></memberSourcedId></q:member></p:membership>"
            )
        };
        let set = |units: &str| {
            format!(
                "<readMembershipsForGroupResponse><membershipSet>{units}</membershipSet></readMembershipsForGroupResponse>"
            )
        };
        let all = set(&(unit("Unit=1") + &unit(" Unit=2 ") + &unit("Unit=1")));
        assert_eq!(read_units(&answer(&info("success"), &all)).unwrap(), ["Unit=1", "Unit=2"]);
        assert_eq!(read_units(&answer("", &all)).unwrap().len(), 2);
        assert_eq!(read_units(&answer(&info("failure"), &all)), Err(Trouble::Fault("failure".into())));
        assert_eq!(read_units(&answer(&info("processing"), &all)), Err(Trouble::Fault("processing".into())));
        assert_eq!(read_units(&answer(&info("fine"), &all)), Err(Trouble::Broken(Broken::Kind)));
        assert_eq!(read_units(&answer("", &set(&unit("")))), Err(Trouble::Broken(Broken::Kind)));
        assert_eq!(read_units(&answer("", "<readGroupResponse/>")), Err(Trouble::Broken(Broken::Kind)));
        assert_eq!(read_units(&answer("", "<readMembershipsForGroupResponse/>")).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_fault_says_its_code_and_no_more() {
        let fault = "<s:Fault><faultcode>s:Server.Down</faultcode><faultstring>201501012395</faultstring></s:Fault>";
        assert_eq!(read_group(&answer("", fault)), Err(Trouble::Fault("Server.Down".into())));
        let odd = fault.replace("s:Server.Down", "201501012395");
        assert_eq!(read_health(&answer("", &odd)), Err(Trouble::Fault(String::new())));
    }

    #[test]
    fn names_and_health_are_read() {
        let group = "<readGroupResponse><g:group><description><descShort> Skola A </descShort></description></g:group></readGroupResponse>";
        assert_eq!(read_group(&answer("", group)).unwrap(), "Skola A");
        assert_eq!(
            read_group(&answer("", "<readGroupResponse><group/></readGroupResponse>")),
            Err(Trouble::Broken(Broken::Kind))
        );
        let health = |ok: &str| {
            answer(
                "",
                &format!(
                    "<extVerifySystemRunningResponse><extVerifySystemRunningResult><IsOk>{ok}</IsOk><Error>x</Error></extVerifySystemRunningResult></extVerifySystemRunningResponse>"
                ),
            )
        };
        assert_eq!((read_health(&health("true")), read_health(&health("false"))), (Ok(true), Ok(false)));
    }
}
