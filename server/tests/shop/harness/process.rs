//! The real program in a process of its own, which can be killed and whose log is kept.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Client, Settings, within};

pub struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    settings: Settings,
    site: PathBuf,
}

impl Process {
    /// Starts it and waits until it is ready.
    pub async fn start(settings: &Settings, site: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_octavo-server"))
            .env_clear()
            .envs(settings.environment())
            .env("LEPTOS_SITE_ROOT", site)
            .env("OCTAVO_SEARCH__INDEX_DIR", site.join("index"))
            .current_dir(site)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (kept, mut lines) = (Arc::clone(&log), BufReader::new(child.stdout.take().unwrap()).lines());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let process = Self { child, log, settings: settings.clone(), site: site.to_owned() };
        let client = Client::new(&format!("http://{}", settings.address), "*/*");
        within("the program is ready", async || {
            client.try_get("/readyz").await.is_some_and(|answer| answer.status == 200)
        })
        .await;
        process
    }

    /// Runs one of its commands: whether it succeeded, and all that it said.
    pub async fn command(settings: &Settings, arguments: &[&str]) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let ended = Self::begin(settings, folder.path(), arguments).output().await.unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.success(), String::from_utf8(said).unwrap())
    }

    /// One of its commands, to be begun.
    pub fn begin(settings: &Settings, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_octavo-server"));
        command
            .args(arguments)
            .env_clear()
            .envs(settings.environment())
            .env("OCTAVO_SEARCH__INDEX_DIR", folder)
            .current_dir(folder);
        command
    }

    /// Ends it without a warning, as SIGKILL does.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts it again after [`kill`](Self::kill).
    pub async fn restart(self) -> Self {
        Self::start(&self.settings, &self.site).await
    }

    /// Asks it to stop, as whoever runs it would, and waits until it has.
    pub async fn stop(mut self) -> String {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let ended = self.child.wait().await.unwrap();
        assert!(ended.success(), "it was to stop in peace, but: {ended}");
        self.log()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}
