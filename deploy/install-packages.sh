#!/bin/sh
# System packages that the product uses where they are there: nginx with RTMP, ffmpeg, Chromium,
# Chinese fonts. Installs what is missing, if it may; otherwise says what is missing.
set -eu

missing=""
want() { missing="$missing $*"; }

command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || want nginx
found=""
for module in /usr/lib/nginx/modules /usr/lib64/nginx/modules /usr/share/nginx/modules; do
    [ -e "$module/ngx_rtmp_module.so" ] && found=yes
done
[ -n "$found" ] || want libnginx-mod-rtmp
command -v ffmpeg >/dev/null 2>&1 || want ffmpeg
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || want chromium
ls /usr/share/fonts/*/noto*/*CJK* /usr/share/fonts/*/*/*CJK* >/dev/null 2>&1 || want fonts-noto-cjk
"${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || want python3-venv

[ -n "$missing" ] || exit 0

run=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then run="sudo"; else run="no"; fi
fi
if [ "$run" != no ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    if $run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends $missing; then
        exit 0
    fi
    echo "could not install:$missing" >&2
else
    echo "missing, and not ours to install here:$missing" >&2
    echo "  sudo apt-get install --no-install-recommends$missing" >&2
fi
# Without them the demo leaves steps out and says so; a check of everything may not.
[ "${CI:-}" != true ]
