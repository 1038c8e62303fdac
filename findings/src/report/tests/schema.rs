//! The schemas that are published, held against what is written.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::*;
use crate::report::{Format, Style, events, write};

const REPORT: &str = include_str!("../../../schema/report-1.json");
pub(super) const EVENTS: &str = include_str!("../../../schema/events-1.json");

pub(super) fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

pub(super) fn errors(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn json(report: &Report) -> Value {
    let mut out = Vec::new();
    write(report, Format::Json, &Style::default(), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn reports_are_as_their_schema_says() {
    let validator = validator(REPORT);
    let mut scene = scene();
    assert_eq!(errors(&validator, &json(&scene.report())), [""; 0]);
    (scene.findings, scene.channels) = (Vec::new(), Vec::new());
    scene.coverage = Coverage::default();
    assert_eq!(errors(&validator, &json(&scene.report())), [""; 0], "a result of nothing");
}

#[test]
fn the_report_schema_refuses_what_is_not_in_it() {
    type Spoil = fn(&mut Value);
    let validator = validator(REPORT);
    let good = json(&scene().report());
    let spoil: [(&str, Spoil); 4] = [
        ("a field more", |report| report["findings"][0]["extra"] = json!(1)),
        ("a field less", |report| drop(report["coverage"].as_object_mut().unwrap().remove("partial"))),
        ("another version", |report| report["schema"] = json!("ccmscope-report/2")),
        ("a severity nobody knows", |report| report["findings"][0]["severity"] = json!("bad")),
    ];
    for (what, spoil) in spoil {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert!(!validator.is_valid(&bad), "{what}");
    }
}

#[test]
fn the_schemas_name_the_versions_that_are_written() {
    assert!(REPORT.contains(&format!("\"const\": \"{}\"", crate::report::SCHEMA)));
    assert!(EVENTS.contains(&format!("\"const\": \"{}\"", events::SCHEMA)));
}
