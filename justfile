# Every command of the house. `./just` runs this file also where just is not installed.

set shell := ["sh", "-euc"]

tools := justfile_directory() / "target/tools"
deny_version := "0.20.2"

export PATH := tools / "bin:" + env("PATH")

# Lists the recipes.
[private]
default:
    @just --justfile {{ quote(justfile()) }} --list --unsorted

# Three municipalities, staff and pupils, one directory: shows a plan, a run, and what happens when people come and go.
[group('try')]
demo: _wasm
    sh demo/run

# Shows the same with a domain controller and a stand-in of Microsoft 365, which it starts.
[group('try')]
demo-full: _wasm _samba _openssl
    sh demo/full/run

# Builds the sluss program, with its plugins inside, for use.
[group('build')]
build: _wasm
    cargo build --release --locked --package sluss

# Builds the plugins alone, as they ship.
[group('build')]
plugins: _wasm
    cargo build --locked --profile connector --target wasm32-wasip2 --package 'sluss-plugin-*'

# Apart from `ci`: it needs npm and pip, and fetches from their registries what the two languages are built with.
[doc('Builds the connectors in JavaScript and Python, and proves with the real host that they work.')]
[group('build')]
examples: build
    sdk/examples/javascript/build
    sdk/examples/python/build
    sdk/examples/prove target/release/sluss

# Writes docs/reference anew, from what the program says of itself.
[group('build')]
reference: _wasm
    UPDATE_REFERENCE=1 cargo test --quiet --locked --package sluss --test machine reference::the_pages

# Runs every test, on real servers where the subject is a server.
[group('check')]
test: _wasm _slapd _samba _python _judges
    cargo test --workspace --locked

# Counts the instructions of a few runs; a tenth more than before is an error.
[group('check')]
count *arguments: _wasm _valgrind
    cargo test --workspace --locked --no-run
    target/debug/sluss-bench count {{ arguments }}

# Checks the formatting.
[group('check')]
format:
    cargo fmt --all --check

# Checks the code; a warning is an error.
[group('check')]
lint: _wasm
    cargo clippy --workspace --all-targets --locked -- --deny warnings

# Checks licences, sources and doubled versions of everything depended on.
[group('check')]
deny: _deny
    cargo deny --locked check --hide-inclusion-graph bans licenses sources

# Apart from `deny`: it fetches the database of advisories from a git host, which a closed network does not reach, and
# the database changes from day to day, for which no change of ours should fail.
[doc('Checks everything depended on for published security advisories.')]
[group('check')]
advisories: _deny
    cargo deny --locked check --hide-inclusion-graph advisories

# Apart from `ci`: it looks for what nobody thought of, and looks longer the longer it may. Without names every target runs.
[doc('Feeds every parser of what comes from outside with made-up input, each for so many seconds.')]
[group('check')]
fuzz seconds='20' *targets: _cxx
    sh fuzz/run {{ seconds }} {{ targets }}

# What decides whether a change can land: format, lint, deny, count and test.
[group('check')]
ci:
    bash .ci/run

# Measures time and memory, each beside its floor; `./just bench --help` says what can be chosen.
[group('measure')]
bench *arguments: _wasm _slapd build
    cargo run --quiet --release --locked --package sluss-bench -- {{ arguments }}

# The target that plugins are built for.
_wasm:
    #!/bin/sh
    set -eu
    [ ! -d "$(rustc --print target-libdir --target wasm32-wasip2)" ] || exit 0
    echo "just: adding the Rust target wasm32-wasip2" >&2
    rustup target add wasm32-wasip2 || {
        echo "just: the target could not be added; see above" >&2
        exit 2
    }

# The directory server that tests start, and the tools that look into it.
_slapd: (_debian "the tests need OpenLDAP's slapd and ldapsearch" "slapd ldapsearch" "slapd ldap-utils")

# The domain controller that tests start. Samba leaves some of its own parts to be asked for one by one.
_samba: (_debian "the tests need Samba as a domain controller" "samba samba-tool ldbmodify" "samba samba-dsdb-modules samba-vfs-modules samba-ad-provision ldb-tools ldap-utils")

# Python, in which the mail server of the tests runs; the tests fetch that server's packages themselves.
_python:
    #!/bin/sh
    set -eu
    if python3 -c 'import venv, ensurepip' 2>/dev/null; then exit 0; fi
    {{ quote(just_executable()) }} --justfile {{ quote(justfile()) }} _debian "the tests need Python with venv" "python3-with-venv" "python3 python3-venv"

# What makes a key for the stand-in of Microsoft Graph.
_openssl: (_debian "the stand-in of Microsoft Graph needs openssl" "openssl" "openssl")

# What the programs run in that judge that stand-in; the tests fetch those programs themselves.
_judges: _openssl (_debian "the tests need Node.js with npm" "node npm" "nodejs npm")

# What counts instructions.
_valgrind: (_debian "counting instructions needs valgrind" "valgrind" "valgrind")

# What libFuzzer is built with.
_cxx: (_debian "fuzzing needs a C++ compiler" "c++" "g++")

# Installs Debian packages, unless the tools that they are needed for are there.
_debian need tools packages:
    #!/bin/sh
    set -eu
    PATH=$PATH:/usr/sbin:/usr/local/sbin
    missing=
    for tool in {{ tools }}; do command -v "$tool" >/dev/null || missing=yes; done
    [ -n "$missing" ] || exit 0
    refuse() {
        echo "just: {{ need }}: $*" >&2
        exit 2
    }
    command -v apt-get >/dev/null || refuse "install them with this system's packages"
    if [ "$(id -u)" = 0 ]; then sudo=; else
        command -v sudo >/dev/null || refuse "run 'apt-get install {{ packages }}' as root"
        sudo=sudo
    fi
    echo "just: installing the Debian packages {{ packages }}" >&2
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    {
        $sudo apt-get update
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {{ packages }}
    } >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        refuse "apt-get could not install {{ packages }}"
    }

# The tool that reads deny.toml: from PATH, from an earlier run, or built now.
_deny:
    #!/bin/sh
    set -eu
    case $(cargo deny --version 2>/dev/null || true) in
    "cargo-deny {{ deny_version }}") exit 0 ;;
    esac
    echo "just: building cargo-deny {{ deny_version }} into target/tools (once)" >&2
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --quiet --locked --root {{ quote(tools) }} cargo-deny@{{ deny_version }}
