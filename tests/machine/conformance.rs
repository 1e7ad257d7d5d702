//! Every plugin that ships holds what the contract promises, in each way in which it can be set up: asked as any vendor
//! would ask, against the system that stands in for the real one.

use crate::world::{ALI, BO, EVA, HEROMA, Ran, World, block, post, slapd};
use sluss_test_servers::extens::{self, API_KEY, CUSTOMER};
use sluss_test_servers::navet::people::people;
use sluss_test_servers::navet::{self, GATEWAY, ORDER, ORGANISATION, SCOPE, write};
use sluss_test_servers::procapita::DOMAIN;
use sluss_test_servers::school::School;
use sluss_test_servers::ss12000::{self, people as school};
use sluss_test_servers::{Extens, Navet, Procapita, Ss12000};

/// Everything that was promised holds, and it was asked of records.
#[track_caller]
fn holds(world: &World, system: &str, least: usize) -> Ran {
    let ran = world.sluss(&["--json", "plugin", "prove", system]).expect(&[0]);
    let told = ran.json();
    let found = told["found"].as_array().unwrap();
    assert!(found.len() >= least, "{} promises: {}", found.len(), ran.out);
    // A system without records proves nothing.
    let reads = found.iter().filter(|found| found["name"].as_str().unwrap().ends_with("a full read"));
    let empty = reads.clone().filter(|read| read["message"].as_str().unwrap().starts_with("0 ")).count();
    assert!(empty == 0 || reads.count() - empty >= 1, "{}", ran.out);
    assert_eq!(sluss_engine::numbers::mask_in(&ran.out), ran.out, "an identity number");
    ran
}

/// A world with one more system.
fn world(more: &str) -> World {
    let world = World::ldif();
    world.configure(more);
    world
}

/// An HTTP connection to a server whose authority this is.
fn http(name: &str, url: &str, authority: &std::path::Path, more: &str) -> String {
    format!(
        "[connection.{name}]\nkind = \"http\"\nread-methods = [\"GET\", \"POST\"]\ntimeout = 20\nca = '{}'\nurl = '{url}'\n{more}\n",
        authority.display()
    )
}

fn system(name: &str, role: &str, connection: &str, settings: &str) -> String {
    format!(
        "[system.{name}]\nrole = \"{role}\"\nplugin = \"{name}\"\ngrant = [\"{connection}\"]\n\n\
         [system.{name}.settings]\n{settings}\n"
    )
}

#[test]
fn files_of_staff() {
    let world = World::ldif();
    let chief = post(ALI, "Ali", "Ek").at("1430", "1").unit("SK-1", "Skolan");
    world.hr(&[post(EVA, "Eva", "Berg"), post(BO, "Bo", "Ek").at("1427", "2").manager(ALI), chief]);
    holds(&world, "heroma", 15);
    world.run("2026-11-23").expect(&[0]);
    holds(&world, "directory", 8);
    world.sluss(&["plugin", "prove", "heromma"]).expect(&[2]);
}

#[test]
fn a_directory() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[
            post(EVA, "Eva", "Berg"),
            post(BO, "Bo", "Ek").at("1427", "2"),
            post(ALI, "Ali", "Ek").at("1430", "1"),
        ]);
        world.run("2026-11-23").expect(&[0]);
        holds(&world, "directory", 8);
    });
}

#[test]
fn tables_of_any_kind() {
    let tables = "folder = \"hr\"\n[system.csv.settings.tables.people]\nfile = \"people.csv\"\nclass = \"person\"\nid = [\"Id\"]\n\
                  [system.csv.settings.tables.people.columns]\nidentity-number = \"Number\"\nfirst-names = \"First\"\n\
                  [system.csv.settings.tables.people.constants]\nprotected = false\n\
                  [system.csv.settings.tables.posts]\nfile = \"posts.csv\"\nclass = \"engagement\"\nid = [\"Post\"]\n\
                  [system.csv.settings.tables.posts.columns]\nperson = \"Who\"\nstart = \"From\"\n\
                  [system.csv.settings.tables.posts.constants]\norganisation = \"1427\"\nkind = \"guest\"\nunit = \"U\"\nprotected = false\n";
    let world = World::ldif();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace(HEROMA, &system("csv", "source", "hr", tables)));
    let people: String = (1..40).map(|at| format!("p{at},{EVA},Eva {at}\n")).collect();
    let posts: String = (1..40).map(|at| format!("{at},p{at},2026-01-{:02}\n", at % 28 + 1)).collect();
    world.write("incoming/people.csv", format!("Id,Number,First\n{people}"));
    world.write("incoming/posts.csv", format!("Post,Who,From\n{posts}"));
    holds(&world, "csv", 15);
}

#[test]
fn pupils_by_the_standard() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let mut all = school::school(ss12000::now() - 3600);
        school::crowd(&mut all, 40);
        let server = Ss12000::start(folder.path(), all).await.unwrap();
        let auth = format!(
            "[connection.school.auth.oauth2]\ntoken-url = '{}'\nclient-id = '{}'\nclient-secret = {{ file = 'secret' }}\nsecret-in-form = true\n",
            server.token(),
            ss12000::CLIENT.0
        );
        let connection = http("school", &server.url(), server.authority(), &auth);
        let settings = "connection = \"school\"\norganisation = \"1427\"\n";
        let world = world(&(connection + &system("ss12000", "source", "school", settings)));
        world.write("secret", ss12000::CLIENT.1);
        holds(&world, "ss12000", 15);
    });
}

#[test]
fn pupils_of_procapita() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = Procapita::start(folder.path(), School::small()).await.unwrap();
        let settings =
            format!("interface = \"ims\"\norganisation = \"1430\"\nconnection = \"school\"\ndomain = \"{DOMAIN}\"\n");
        let connection = http("school", &server.url(), server.authority(), "");
        let world = world(&(connection + &system("procapita", "source", "school", &settings)));
        holds(&world, "procapita", 15);
    });
}

#[test]
fn pupils_of_procapita_in_files() {
    let settings = "interface = \"csv\"\norganisation = \"1430\"\nfolder = \"hr\"\n";
    let world = world(&system("procapita", "source", "hr", settings));
    let pupils: String = (0..40)
        .map(|at| {
            format!("{at};E1;GR;2026-08-18;2027-06-11;{}A;4;Elev;Exempelsson;20150101TF{at:02};;;;;;\r\n", at % 3)
        })
        .collect();
    let header = "elevid;enhetid;skolform;enhetstart;enhetslut;klass;akelev;förnamn;efternamn;personnr;adress;coadress;postnr;ort;vh1pnr;vh2pnr\r\n";
    world.write("incoming/ElevData.csv", format!("{header}{pupils}"));
    world.write(
        "incoming/EnhetData.csv",
        "enhetid;enhnamn;enhort;enhskolenhetskod\r\nE1;Skola A;KUNGSHAMN;12345678\r\n",
    );
    let groups = "GruppId;Kurskod;Gruppnamn;Enhetid;Skolform;Startdatum;Slutdatum;Grupptyp;Årskurs\r\n\
                  G1;MA;Matematik;E1;GR;2026-08-18;;X;4\r\n";
    world.write("incoming/GruppData.csv", groups);
    let members = "Elevid;Gruppid;Startdatum;Slutdatum;Enhetid\r\n1;G1;2026-08-18;;E1\r\n2;G1;2026-08-18;;E1\r\n";
    world.write("incoming/ElevGruppData.csv", members);
    holds(&world, "procapita", 15);
}

#[test]
fn pupils_of_extens() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = Extens::start(folder.path(), School::small()).await.unwrap();
        let year = "organisation = \"1484\"\nschool-year = { start = \"2026-08-18\", end = \"2027-06-11\" }\n";
        let job = format!("interface = \"job\"\nconnection = \"school\"\ncustomer = \"{CUSTOMER}\"\n{year}");
        let key = "secret-query = { apiKey = { file = \"key\" } }\n";
        let connection = http("school", &server.url(), server.authority(), key);
        let by_job = world(&(connection + &system("extens", "source", "school", &job)));
        by_job.write("key", API_KEY);
        holds(&by_job, "extens", 15);
        let in_file =
            world(&system("extens", "source", "hr", &format!("interface = \"file\"\nfolder = \"hr\"\n{year}")));
        in_file.write("incoming/ist_20261122.xml", extens::export(&School::small()));
        holds(&in_file, "extens", 15);
    });
}

#[test]
fn the_population_register() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = Navet::start(folder.path()).await.unwrap();
        let own = server.client();
        let identity = format!("certificate = '{}'\nkey = '{}'\n", own.certificate.display(), own.key.display());
        let order = format!("connection = \"register\"\norganisation = \"{ORGANISATION}\"\norder = \"{ORDER}\"\n");
        let soap = http("register", &server.soap(), server.authority(), &identity)
            + &system("navet", "register", "register", &format!("interface = \"soap\"\n{order}"));
        holds(&world(&soap), "navet", 4);
        let gateway = format!(
            "[connection.register.secret-headers]\nclient_id = {{ file = 'gateway-name' }}\nclient_secret = {{ file = 'gateway-secret' }}\n\
             [connection.register.auth.oauth2]\ntoken-url = '{}'\nclient-id = '{}'\nclient-secret = {{ file = 'client-secret' }}\n\
             scope = '{SCOPE}'\nsecret-in-form = true\n{identity}",
            server.token(),
            navet::CLIENT.0
        );
        let rest = http("register", &server.rest(), server.authority(), &gateway)
            + &system("navet", "register", "register", &format!("interface = \"rest\"\n{order}"));
        let by_rest = world(&rest);
        for (file, secret) in
            [("gateway-name", GATEWAY.0), ("gateway-secret", GATEWAY.1), ("client-secret", navet::CLIENT.1)]
        {
            by_rest.write(file, secret);
        }
        holds(&by_rest, "navet", 4);
        let terms: String = write::TERMS.iter().map(|(name, code)| format!("{name} = '{code}'\n")).collect();
        let settings = format!(
            "interface = \"file\"\nfolder = \"hr\"\nencoding = \"utf-8\"\n[system.navet.settings.terms]\n{terms}"
        );
        let in_file = world(&system("navet", "register", "hr", &settings));
        in_file.write("incoming/navet.txt", write::file(&people(), true));
        holds(&in_file, "navet", 4);
    });
}
