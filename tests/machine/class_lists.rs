//! Lists of pupils for their teachers, beside the directory that has the accounts.

use crate::world::{ALI, BO, EVA, HEROMA, POLICY, World};

const SOURCE: &str = r#"
[system.school]
role   = "source"
plugin = "csv"
grant  = ["hr"]

[system.school.settings]
folder = "hr"

[system.school.settings.tables.pupils]
file  = "pupils.csv"
class = "engagement"
id    = ["Number", "Class"]

[system.school.settings.tables.pupils.columns]
identity-number   = "Number"
first-names       = "First"
surname           = "Last"
protected         = "Protected"
employment-number = "Number"
"csv:class"       = "Class"
start             = "From"

[system.school.settings.tables.pupils.constants]
organisation = "1427"
kind         = "placement"
unit         = "SK-1"
"#;

const LISTS: &str = r#"
[connection.lists]
kind   = "files"
path   = "lists"
access = "write"

[connection.lists-state]
kind   = "files"
path   = "lists-state"
access = "write"

[system.lists]
role   = "target"
plugin = "class-list"
grant  = ["lists", "lists-state"]

[system.lists.settings]
folder       = "lists"
state-folder = "lists-state"
"#;

const RULES: &str = r#"
[account.pupil]
target    = "lists"
class     = "pupil"
protected = "omit"

[account.pupil.attributes]
username   = "names.username"
name       = "person.display"
given-name = "person.given"
surname    = "person.surname"
mail       = "names.mail"

[group.list]
target   = "lists"
class    = "list"
account  = "pupil"
for-each = "'Centrumskolan ' + engagement.extra['csv:class']"

[group.list.attributes]
name = "key"
"#;

fn world(pupils: &[&str]) -> World {
    let world = World::ldif();
    for folder in ["lists", "lists-state"] {
        std::fs::create_dir(world.path(folder)).unwrap();
    }
    world.configure(LISTS);
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace(HEROMA, SOURCE));
    world.write("policy.toml", format!("{POLICY}{RULES}"));
    school(&world, pupils);
    world
}

fn school(world: &World, pupils: &[&str]) {
    let rows = pupils.join("\n");
    world.write("incoming/pupils.csv", format!("Number,First,Last,Protected,Class,From\n{rows}\n"));
}

/// The documents, and what is in those of a kind.
fn documents(world: &World) -> Vec<String> {
    let all = std::fs::read_dir(world.path("lists")).unwrap();
    let mut names: Vec<String> = all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sheet(world: &World, class: &str) -> String {
    std::fs::read_to_string(world.path(&format!("lists/Centrumskolan {class}.csv"))).unwrap()
}

#[test]
fn teachers_have_a_list_of_each_class_and_of_nobody_who_is_protected() {
    let row = |number: &str, rest: &str| format!("{number},{rest}");
    let (ali, eva) = (row(ALI, "Ali,Bergström,nej,4A,2026-08-17"), row(EVA, "Eva,Öberg,nej,4A,2026-08-17"));
    let bo = row(BO, "Bo,Ek,ja,4B,2026-08-17");
    let world = world(&[&ali, &eva, &bo]);
    world.sluss(&["check"]).expect(&[0, 1]);
    world.run("2026-11-23").expect(&[0]);
    assert_eq!(documents(&world), ["Centrumskolan 4A.csv", "Centrumskolan 4A.html"], "4B has nobody to be shown");
    let list = sheet(&world, "4A");
    let lines: Vec<&str> = list.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[1], "\"Ali Bergström\";\"aliber\";\"ali.bergstrom@sotenas.example\"", "{list}");
    assert_eq!(lines[2], "\"Eva Öberg\";\"evaobe\";\"eva.oberg@sotenas.example\"", "{list}");
    assert_eq!(lines.len(), 3);

    // Nothing changed, nothing written; what somebody removed comes back when it is looked for.
    let written =
        |world: &World| std::fs::metadata(world.path("lists/Centrumskolan 4A.html")).unwrap().modified().unwrap();
    let before = written(&world);
    world.run("2026-11-23").expect(&[0]);
    world.sluss(&["run", "--reconcile", "--on", "2026-11-23"]).expect(&[0]);
    assert_eq!(written(&world), before);
    std::fs::remove_file(world.path("lists/Centrumskolan 4A.csv")).unwrap();
    world.sluss(&["run", "--reconcile", "--on", "2026-11-23"]).expect(&[0]);
    assert_eq!(sheet(&world, "4A"), list);

    // Ali changes class, and Eva becomes protected: no trace of her is left, nor of the empty class.
    school(&world, &[&ali.replace("4A", "4B"), &eva.replace("nej", "ja"), &bo]);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(documents(&world), ["Centrumskolan 4B.csv", "Centrumskolan 4B.html"]);
    for name in
        std::fs::read_dir(world.path("lists")).unwrap().chain(std::fs::read_dir(world.path("lists-state")).unwrap())
    {
        let text = std::fs::read_to_string(name.unwrap().path()).unwrap();
        assert!(!text.contains("Öberg") && !text.contains("evaobe"), "{text}");
    }
    world.sluss(&["plugin", "prove", "lists"]).expect(&[0]);
}
