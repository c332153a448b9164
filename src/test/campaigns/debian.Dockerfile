# What a person builds on Debian, in steps that come out the same each time: what apt and dpkg
# write with the time of day in it is removed.
FROM base AS tools
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends gcc libc6-dev make ca-certificates \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/*.log \
       /var/log/apt /var/cache/debconf/*
WORKDIR /src
RUN printf 'int main(void) { return 0; }\n' > main.c
RUN gcc -O2 -o /usr/local/bin/nothing main.c && /usr/local/bin/nothing
RUN adduser --system --group app && rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-

FROM base
COPY --from=tools /usr/local/bin/nothing /usr/bin/
COPY --from=tools /etc/passwd /etc/group /etc/
USER app
RUN nothing && id > /tmp/id
