"""A real Prometheus and a real Alertmanager on loopback ports, with data directories of their own."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Self

import requests

from tests.databases import free_port, program
from tests.waiting import until

_PROMETHEUS = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
scrape_configs:
  - job_name: self
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
  - job_name: gone
    static_configs: [{{targets: ["127.0.0.1:{gone}"]}}]
rule_files: [rules.yaml]
alerting:
  alertmanagers:
    - static_configs: [{{targets: [{alertmanager}]}}]
"""
_RULES = """\
groups:
  - name: tests
    rules:
      - alert: Gone
        expr: up == 0
        labels: {severity: page}
        annotations: {summary: "{{ $labels.instance }} does not answer"}
"""
_ALERTMANAGER = """\
route: {{receiver: congress, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: congress
    webhook_configs: [{{url: "{webhook}", send_resolved: true}}]
"""


class _Program:
    """Use as a context manager."""

    command: list[str]
    ready: str

    def __init__(self) -> None:
        self.port = free_port()
        self._directory = tempfile.TemporaryDirectory(prefix="congress-monitoring-")
        self.place = Path(self._directory.name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with (self.place / "output").open("wb") as output:
            self._process = subprocess.Popen(self.command, stdout=output, stderr=output, cwd=self.place)  # noqa: S603
        try:
            until(
                self._answers,
                lambda: (self.place / "output").read_text(),
                ended=lambda: self._process.poll() is not None,
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait(20)
        self._directory.cleanup()


class Alertmanager(_Program):
    """Tells the webhook, where there is one."""

    def __init__(self, webhook: str = "http://127.0.0.1:9/") -> None:
        super().__init__()
        (self.place / "config.yaml").write_text(_ALERTMANAGER.format(webhook=webhook))
        self.command = [
            program("prometheus-alertmanager"),
            "--config.file=config.yaml",
            "--storage.path=data",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]


class Prometheus(_Program):
    """Scrapes itself, as job `self`, and job `gone`, of which nothing answers; an alert tells of it."""

    def __init__(self, alertmanager: Alertmanager | None = None) -> None:
        super().__init__()
        self.gone = free_port()
        told = f'"127.0.0.1:{alertmanager.port}"' if alertmanager else ""
        text = _PROMETHEUS.format(port=self.port, gone=self.gone, alertmanager=told)
        (self.place / "prometheus.yml").write_text(text)
        (self.place / "rules.yaml").write_text(_RULES)
        self.command = [
            program("prometheus"),
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
