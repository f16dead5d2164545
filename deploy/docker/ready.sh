#!/bin/bash
# Is the service in this container ready? Says what is missing when it is not.
exec 3<>"/dev/tcp/127.0.0.1/${HTTP_LISTEN##*:}" || exit 1
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
answer=$(cat <&3)
[[ $answer == "HTTP/1."[01]" 200 "* ]] && exit 0
echo "${answer##*$'\r\n\r\n'}"
exit 1
