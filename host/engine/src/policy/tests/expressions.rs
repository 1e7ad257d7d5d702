//! What expressions give: each function, each variable, and the fast form against CEL.

use super::{person, sound, unit};
use crate::person::Unit;
use crate::policy::{EvalFault, Evaluator, Policy, Wanted, reference};
use crate::value::Value;
use proptest::prelude::*;

/// A policy whose account has one attribute for each expression.
fn policy(expressions: &[&str]) -> Policy {
    let mut text = String::from(
        "[table.organisation.1427]\nname = 'Sotenäs'\ndomain = 'sotenas.example'\nsize = 9000\ncoast = true\n\
         [table.organisation.1484]\nname = 'Lysekil'\n\
         [name.user]\ncandidates = ['person.given']\n\
         [account.a]\ntarget = 't'\nclass = 'c'\n[account.a.attributes]\n",
    );
    for (at, expression) in expressions.iter().enumerate() {
        text.push_str(&format!("a{at} = '''{expression}'''\n"));
    }
    sound(&text)
}

fn values(policy: &Policy) -> Result<Vec<Vec<Value>>, EvalFault> {
    let evaluator = Evaluator::new(policy);
    let (person, unit) = (person(), unit());
    let units = |organisation: &str, code: &str| -> Option<&Unit> {
        (unit.organisation == organisation && unit.code == code).then_some(&unit)
    };
    let mut scope = evaluator.person(&person, Some(0), &[0, 1], &units);
    scope.set_names(&[("user", "asaobe")]);
    let attributes = scope.attributes(&policy.accounts[0])?;
    Ok(attributes
        .into_iter()
        .map(|(_, wanted)| match wanted {
            Wanted::Values(values) => values,
            Wanted::ManagerOfPrimary(_) => panic!("no reference was asked for"),
            Wanted::Later(_) => panic!("no other account was asked"),
        })
        .collect())
}

/// What each expression gives.
fn evaluated(expressions: &[(&str, Vec<Value>)]) {
    let texts: Vec<&str> = expressions.iter().map(|(text, _)| *text).collect();
    let mut policy = policy(&texts);
    let check = |given: Vec<Vec<Value>>| {
        for ((text, expected), given) in expressions.iter().zip(given) {
            assert_eq!(given, *expected, "{text}");
        }
    };
    check(values(&policy).unwrap());
    slow(&mut policy);
    check(values(&policy).unwrap());
}

/// Takes every fast form away.
fn slow(policy: &mut Policy) {
    for (_, rule) in &mut policy.accounts[0].attributes {
        if let crate::policy::AttributeRule::Expression(expression) = rule {
            expression.quick = None;
        }
    }
}

fn text(text: &str) -> Vec<Value> {
    vec![Value::from(text)]
}

#[test]
fn every_field_of_a_person_and_an_engagement() {
    evaluated(&[
        ("person.given", text("Åsa")),
        ("person.first", text("Åsa Maria")),
        ("person.middle", vec![]),
        ("person.surname", text("Öberg-Lind")),
        ("person.display", text("Åsa Öberg-Lind")),
        ("person.number", text("198507099805")),
        ("person.birth_date", text("1985-07-09")),
        ("person.protected", vec![Value::Boolean(false)]),
        ("primary.kind", text("employment")),
        ("primary.source", text("heroma")),
        ("primary.organisation", text("1427")),
        ("primary.number", text("100")),
        ("primary.unit", text("VO-12")),
        ("primary.unit_name", vec![]),
        ("primary.title", text("Undersköterska")),
        ("primary.title_code", text("207009")),
        ("primary.form", text("TV")),
        ("primary.cost_centre", text("4711")),
        ("primary.main", vec![Value::Boolean(true)]),
        ("primary.is_manager", vec![Value::Boolean(false)]),
        ("primary.on_leave", vec![Value::Boolean(false)]),
        ("primary.extent", vec![Value::Real(75.0)]),
        ("primary.start", text("2020-01-31")),
        ("primary.end", vec![]),
        ("primary.extra[\"heroma:shift\"]", text("natt")),
        ("primary.extra[\"heroma:keys\"]", vec![Value::from("a"), Value::from("b")]),
        ("primary.extra[\"heroma:none\"]", vec![]),
        ("unit.code", text("VO-12")),
        ("unit.name", text("Hemtjänst norr")),
        ("unit.organisation", text("1427")),
        ("unit.parent", text("VO")),
        ("unit.cost_centre", text("99")),
        ("names.user", text("asaobe")),
        ("table.organisation[primary.organisation].domain", text("sotenas.example")),
        ("table.organisation[\"1484\"].name", text("Lysekil")),
        ("table.organisation[\"1427\"].size", vec![Value::Integer(9000)]),
        ("table.organisation[\"1427\"].coast", vec![Value::Boolean(true)]),
    ]);
}

#[test]
fn every_function() {
    evaluated(&[
        ("ascii(\"Ærø ß\")", text("Aero ss")),
        ("letters(\"Öberg-Lind 2\")", text("oberglind")),
        ("digits(\"a1b22 ٣\")", text("122")),
        ("lower(\"ÅSA\")", text("åsa")),
        ("upper(\"åsa\")", text("ÅSA")),
        ("trim(\"  a b \")", text("a b")),
        ("local_part(person.display)", text("asa.oberg-lind")),
        ("take(\"åäö\", 2)", text("åä")),
        ("take(\"åäö\", 9)", text("åäö")),
        ("take(\"åäö\", -1)", vec![]),
        ("take(person.surname, size(person.given))", text("Öbe")),
        ("join([\"a\", \"\", \"b\"], \", \")", text("a, b")),
        ("join(engagements.map(e, e.organisation), \"+\")", text("1427+1484")),
        ("size(\"åäö\") + size(engagements)", vec![Value::Integer(5)]),
        ("person.surname.contains(\"berg\")", vec![Value::Boolean(true)]),
        ("person.surname.startsWith(\"Berg\")", vec![Value::Boolean(false)]),
        ("person.surname.endsWith(\"Lind\")", vec![Value::Boolean(true)]),
        ("primary.title_code.matches(\"^207\")", vec![Value::Boolean(true)]),
        ("string(42) + string(true)", text("42true")),
        ("int(\"42\") + 1", vec![Value::Integer(43)]),
        ("double(1) / 2.0", vec![Value::Real(0.5)]),
        ("has(table.organisation[\"1484\"].domain)", vec![Value::Boolean(false)]),
        ("engagements.exists(e, e.is_manager)", vec![Value::Boolean(true)]),
        ("engagements.all(e, e.is_manager)", vec![Value::Boolean(false)]),
        ("engagements.exists_one(e, e.main)", vec![Value::Boolean(true)]),
        ("engagements.filter(e, e.is_manager).map(e, e.title)", text("Rektor")),
        ("engagements.filter(e, e.is_manager)[0].title", text("Rektor")),
    ]);
}

#[test]
fn operators_and_conditions() {
    evaluated(&[
        ("person.given + \" \" + person.surname", text("Åsa Öberg-Lind")),
        ("primary.main ? \"yes\" : \"no\"", text("yes")),
        ("primary.unit_name == \"\" && !(primary.title == \"x\") || false", vec![Value::Boolean(true)]),
        ("primary.form != \"TV\"", vec![Value::Boolean(false)]),
        ("primary.form in [\"TV\", \"TJ\"]", vec![Value::Boolean(true)]),
        ("primary.organisation in table.organisation", vec![Value::Boolean(true)]),
        ("\"heroma:none\" in primary.extra", vec![Value::Boolean(false)]),
        ("{\"TV\": \"fast\"}[primary.form]", text("fast")),
        ("primary.extent >= 50", vec![Value::Boolean(true)]),
        ("primary.start < \"2021\"", vec![Value::Boolean(true)]),
        ("[\"a\"] + [\"b\"]", vec![Value::from("a"), Value::from("b")]),
        ("7 % 4 * 2 - -1", vec![Value::Integer(7)]),
        // What decides alone decides beside something without an answer.
        (
            "table.organisation[\"1484\"].name == \"\" && table.organisation[person.given].name == \"\"",
            vec![Value::Boolean(false)],
        ),
        ("table.organisation[person.given].name == \"\" || primary.main", vec![Value::Boolean(true)]),
    ]);
}

/// An expression without an answer says which rule, where and why, and nothing of the person.
#[test]
fn without_an_answer_there_is_a_cause() {
    for (expression, cause) in [
        ("table.organisation[person.number].name", "`19850709-****`"),
        ("table.organisation[primary.organisation + person.number].name", "`14271985-****`"),
        ("table.organisation[\"1484\"].domain", "field `domain`"),
        ("{\"a\": 1}[person.number]", "19850709-****"),
        ("int(person.number + person.given)", "`int` cannot work with this value"),
        ("engagements[7].title", "no such element"),
        ("1 / size(primary.unit_name)", "division by zero"),
        ("9223372036854775807 + size(person.given)", "too large"),
        ("primary.extra[\"heroma:shift\"] + 1", "does not work on"),
        ("lower(primary.extra[\"heroma:keys\"])", "`lower` does not work on (list)"),
        ("primary.extra[\"heroma:shift\"] ? 1 : 2", "bool is wanted"),
    ] {
        let mut policy = policy(&[expression]);
        for _ in 0..2 {
            let fault = values(&policy).unwrap_err();
            assert!(fault.message.contains(cause), "{expression}: {}", fault.message);
            assert_eq!(fault.rule, "account.a");
            assert!(fault.to_string().starts_with("policy.toml:14:9: account.a: "), "{fault}");
            for secret in ["198507099805", "9805", "Åsa", "natt"] {
                assert!(!fault.to_string().contains(secret), "{fault}");
            }
            slow(&mut policy);
        }
    }
}

#[test]
fn the_reference_has_every_word() {
    insta::assert_snapshot!(reference());
}

/// Texts, conditions and their parts, from which expressions are put together.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "person.given",
        "person.surname",
        "primary.title",
        "primary.unit_name",
        "unit.name",
        "names.user",
        "\"\"",
        "\"Öberg\"",
        "table.organisation[primary.organisation].domain",
        "table.organisation[\"1484\"].domain",
        "table.organisation[person.given].name",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let condition = (inner.clone(), inner.clone(), 0usize..7).prop_map(|(a, b, which)| match which {
            0 => format!("{a} == {b}"),
            1 => format!("!({a} != {b})"),
            2 => format!("({a}).contains({b})"),
            3 => format!("{a} in [\"Åsa\", \"\"]"),
            4 => format!("primary.main && {a} == {b}"),
            5 => format!("{a} == {b} || primary.is_manager"),
            _ => format!("({a}).matches(\"^[ÅÖ]\")"),
        });
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            (prop::sample::select(vec!["letters", "lower", "ascii", "local_part", "trim"]), inner.clone())
                .prop_map(|(function, a)| format!("{function}({a})")),
            (inner.clone(), -1i64..5).prop_map(|(a, count)| format!("take({a}, {count})")),
            (condition, inner.clone(), inner).prop_map(|(test, a, b)| format!("({test} ? {a} : {b})")),
        ]
    })
}

proptest! {
    /// The fast form says what CEL says, and has no answer where CEL has none.
    #[test]
    fn the_fast_form_agrees_with_cel(expression in expression()) {
        prop_assume!(expression.len() < 900);
        let mut policy = policy(&[&expression]);
        let fast = values(&policy);
        slow(&mut policy);
        let slow = values(&policy);
        prop_assert_eq!(fast.as_ref().ok(), slow.as_ref().ok(), "{}", expression);
    }
}

/// The largest expressions that are allowed go through the parser and both evaluations on a small stack.
#[test]
fn the_largest_expressions_have_an_answer() {
    let sum = "\"x\"".to_owned() + &"+\"x\"".repeat(149);
    let choices = "primary.on_leave?\"a\":".repeat(40) + "\"b\"";
    let nots = "!".repeat(149) + "true";
    let answers = move || {
        let mut policy = policy(&[&sum, &choices, &nots]);
        let fast = values(&policy).unwrap();
        slow(&mut policy);
        (fast, values(&policy).unwrap())
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(answers).unwrap();
    let (fast, slow) = thread.join().unwrap();
    assert_eq!(fast, [text(&"x".repeat(150)), text("b"), vec![Value::Boolean(false)]]);
    assert_eq!(slow, fast);
}
