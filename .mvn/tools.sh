# Sourced by ./quern and ./check: finds the JDKs and the Maven that are there. The caller sets root.

# Prints "FEATURE-VERSION FOLDER" for each JDK of at least 17, newest first.
jdks() {
  local home version
  {
    printf '%s\n' "${JAVA_HOME:-}" /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home
    readlink -f "$(command -v javac)" | sed 's#/bin/javac$##'
  } | while IFS= read -r home; do
    if [ -x "$home/bin/javac" ] && [ -r "$home/release" ]; then
      version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
      if [ "${version:-0}" -ge 17 ]; then
        printf '%s %s\n' "$version" "$(cd "$home" && pwd -P)"
      fi
    fi
  done | sort -u | sort -s -k1,1nr
}

# Runs Maven on the JDK in JAVA_HOME: the system's Maven from 3.8 on, else the wrapper, which downloads one.
maven() {
  if [[ $(mvn -v 2>/dev/null) =~ Apache\ Maven\ (3\.([89]|[1-9][0-9])|[4-9])\. ]]; then
    (cd "$root" && mvn -B -ntp "$@")
  else
    (cd "$root" && ./mvnw -B -ntp "$@")
  fi
}
