"""The configuration that we write for nginx."""

from pathlib import Path

import pytest

from streams.media.nginx_config import NginxConfig, UnsafeConfigValue, quoted


def config(**changed: object) -> NginxConfig:
    values: dict[str, object] = {
        "root": Path("/srv/live commerce/media"),
        "hook": "http://127.0.0.1:8080/hooks/s3cret/nginx-rtmp?epoch=e1",
        "rtmp": "127.0.0.1:1935",
        "http_port": 8090,
        "token": "t0ken",
    }
    return NginxConfig(**(values | changed))  # type: ignore[arg-type]


def test_says_what_keeps_rooms_on_air() -> None:
    text = config().text()
    assert "worker_processes 1;" in text
    assert "on_update" not in text  # a backend restart would drop every room
    assert "error;" in text.split("error_log", 1)[1].split("\n", 1)[0]  # info writes keys
    assert text.count("access_log off;") == 2  # the rtmp one names keys, and is on by default
    assert "deny play all;" in text
    assert 'on_publish "http://127.0.0.1:8080/hooks/s3cret/nginx-rtmp?epoch=e1";' in text
    assert 'hls_path "/srv/live commerce/media/hls";' in text


def test_control_is_on_loopback_under_a_token() -> None:
    text = config().text()
    assert "listen 127.0.0.1:8090;" in text
    assert "location /t0ken/control" in text


def test_module_and_user_only_where_needed() -> None:
    assert "load_module" not in config().text()
    assert "user" not in config().text()
    text = config(module=Path("/m/ngx_rtmp_module.so"), user="root root").text()
    assert text.startswith('load_module "/m/ngx_rtmp_module.so";\nuser root root;\n')


@pytest.mark.parametrize("root", ['/a"b', "/a;b", "/a$b", "/a{b", "/a\nb", "/a\\b"])
def test_paths_that_nginx_would_misread_are_refused(root: str) -> None:
    with pytest.raises(UnsafeConfigValue):
        config(root=Path(root)).text()


def test_secrets_do_not_show() -> None:
    assert "s3cret" not in repr(config())
    assert "t0ken" not in repr(config())


def test_quoted_is_one_word() -> None:
    assert quoted("/a b") == '"/a b"'
