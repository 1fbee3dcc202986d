# Where a JDK is found: sourced by mvnw and procession, so that both find the same one.
#
#   find_jdk LEAST       sets $jdk to the home of a JDK of at least that version, or fails
#   explain_no_jdk WHO   says what was looked at, what is needed and how to get it
#
# The first that is new enough wins: PROCESSION_JAVA_HOME (then nothing else counts), JAVA_HOME, the java on PATH,
# the neighbours of these two, and where systems and version managers put JDKs.

find_jdk() {
    jdk_least=$1
    jdk_seen=
    if [ -n "${PROCESSION_JAVA_HOME:-}" ]; then
        try_jdk "$PROCESSION_JAVA_HOME"
        return
    fi
    jdk_on_path=$(home_of_java_on_path)
    try_jdk "${JAVA_HOME:-}" || try_jdk "$jdk_on_path" ||
        try_neighbours "${JAVA_HOME:-}" || try_neighbours "$jdk_on_path" ||
        try_each /usr/lib/jvm/* || try_jdk "$(home_on_macos)" || try_each /Library/Java/JavaVirtualMachines/*/Contents/Home ||
        try_each "$HOME"/.sdkman/candidates/java/* || try_each "$HOME"/.jdks/* || try_each /opt/java/*
}

explain_no_jdk() {
    {
        echo "$1: needs a JDK $jdk_least or newer, and found none. Looked at:"
        printf '%s' "${jdk_seen:-    nothing: no JAVA_HOME, no java on PATH, none in the usual places
}"
        echo "Install one (a package such as openjdk-25-jdk, 'sdk install java 25-tem', or Eclipse Temurin from adoptium.net),"
        echo "then put its java on PATH, or set JAVA_HOME or PROCESSION_JAVA_HOME to its folder."
    } >&2
}

try_each() {
    for jdk_candidate in "$@"; do
        try_jdk "$jdk_candidate" && return
    done
    return 1
}

try_neighbours() {
    [ -n "$1" ] && [ -d "$1" ] && try_each "$(dirname "$(readlink -f "$1")")"/*
}

try_jdk() {
    [ -n "$1" ] || return 1
    case $jdk_seen in *"    $1: "*) return 1 ;; esac
    if [ -x "$1/bin/javac" ]; then
        jdk_version=$(version_of_jdk "$1")
    elif [ -x "$1/bin/java" ]; then
        jdk_version="a Java runtime without a compiler"
    elif [ "$1" = "${JAVA_HOME:-}" ] || [ "$1" = "${PROCESSION_JAVA_HOME:-}" ]; then
        jdk_version="no JDK there"
    else
        return 1
    fi
    jdk_seen="$jdk_seen    $1: $jdk_version
"
    jdk_major=${jdk_version%%[!0-9]*}
    [ "${jdk_major:-0}" -ge "$jdk_least" ] && jdk=$1
}

version_of_jdk() {
    jdk_release=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$1/release" 2>/dev/null)
    [ -n "$jdk_release" ] || jdk_release=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
    echo "${jdk_release:-of an unknown version}"
}

# through symbolic links; a shim (jenv, asdf, macOS) is asked
home_of_java_on_path() {
    jdk_java=$(command -v java) || return 0
    jdk_home=$(dirname "$(dirname "$(readlink -f "$jdk_java")")")
    [ -f "$jdk_home/release" ] || jdk_home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    echo "$jdk_home"
}

home_on_macos() {
    [ ! -x /usr/libexec/java_home ] || /usr/libexec/java_home -v "$jdk_least+" 2>/dev/null || true
}
