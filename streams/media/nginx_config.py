"""The configuration of our own nginx, as text."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_UNSAFE = re.compile(r"[^\w./ @+:=?&%~-]")


class UnsafeConfigValue(ValueError):
    """A path or URL holds a character that means something to nginx."""


@dataclass(frozen=True, slots=True)
class NginxConfig:
    """What one run of nginx is told.

    Attributes:
        root: directory of everything it writes.
        hook: URL that its callbacks go to (``http://`` and an address, as nginx wants it).
        token: path segment under which ``/stat`` and ``/control`` lie.
        module: the RTMP module, or none if it is compiled in.
        user: whom its workers run as; needed only when it is started as root.
    """

    root: Path
    hook: str = field(repr=False)
    rtmp: str
    http_port: int
    token: str = field(repr=False)
    module: Path | None = None
    user: str | None = None
    app: str = "live"
    idle_seconds: int = 10
    keep_hls: bool = False

    def text(self) -> str:
        """The whole file.

        Raises:
            UnsafeConfigValue: nginx would read something else than was meant.
        """
        hook = quoted(self.hook)
        load = f"load_module {quoted(str(self.module))};\n" if self.module else ""
        user = f"user {self.user};\n" if self.user else ""
        # One worker: streams, /stat and /control live in one process and see no other's.
        # No on_update: an unreachable hook would then drop every publisher.
        # No stream keys in logs: the module writes them at "info", and into its own access log,
        # which is on by default and lies in the system's log directory.
        return f"""\
{load}{user}daemon off;
worker_processes 1;
pid {self._path("logs/nginx.pid")};
error_log {self._path("logs/error.log")} error;
events {{ worker_connections 512; }}
rtmp {{
  access_log off;
  server {{
    listen {self.rtmp};
    chunk_size 4096;
    ping 30s;
    notify_method post;
    netcall_timeout 5s;
    application {self.app} {{
      live on;
      interleave on;
      wait_key on;
      wait_video on;
      sync 10ms;
      drop_idle_publisher {self.idle_seconds}s;
      deny play all;
      on_publish {hook};
      on_publish_done {hook};
      on_record_done {hook};
      hls on;
      hls_path {self._path("hls")};
      hls_nested on;
      hls_fragment 1s;
      hls_playlist_length 6s;
      hls_continuous on;
      hls_cleanup {"off" if self.keep_hls else "on"};
      hls_fragment_naming system;
      record all;
      record_path {self._path("rec")};
      record_unique on;
      record_suffix .flv;
    }}
  }}
}}
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path {self._path("tmp/body")};
  proxy_temp_path {self._path("tmp/proxy")};
  fastcgi_temp_path {self._path("tmp/fastcgi")};
  uwsgi_temp_path {self._path("tmp/uwsgi")};
  scgi_temp_path {self._path("tmp/scgi")};
  server {{
    listen 127.0.0.1:{self.http_port};
    location /{self.token}/control {{ rtmp_control all; }}
    location /{self.token}/stat {{ rtmp_stat all; }}
  }}
}}
"""

    def _path(self, name: str) -> str:
        return quoted(str(self.root / name))


def quoted(value: str) -> str:
    """The value as one word of an nginx configuration."""
    found = _UNSAFE.search(value)
    if found is not None:
        raise UnsafeConfigValue(f"{found.group()!r} cannot stand in nginx's configuration")
    return f'"{value}"'
