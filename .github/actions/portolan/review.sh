#!/usr/bin/env bash
# The step of the action. Settings come as variables; see action.yml.
set -euo pipefail

portolan=${COMMAND:-portolan}
out=${RUNNER_TEMP:-$(mktemp -d)}
read -r -a options <<<"${OPTIONS:-}"
add() {
  if [ -n "$2" ]; then
    options+=("$1" "$2")
  fi
}
add --filename "${MANIFESTS:-}"
if [ -n "${MANIFESTS:-}" ]; then
  options+=(--recursive)
fi
add --base "${BASE:-}"
add --out "${RULES:-}"
add --blast-radius "${RADIUS:-}"

# Replaces the comment that begins with the same line, or writes the first.
comment() {
  local file=$1 comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" id
  MARKER=$(head -n 1 "$file")
  export MARKER
  id=$(gh api --paginate "$comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1)
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$file"
  else
    gh api --silent --method POST "$comments" -F "body=@$file"
  fi
}

upload() {
  gzip -c "$1" | base64 -w 0 >"$1.gz.base64"
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/code-scanning/sarifs" \
    -f "commit_sha=$GITHUB_SHA" -f "ref=$GITHUB_REF" -F "sarif=@$1.gz.base64"
}

# What fails the review is told first.
rm -f "$out/review.md" "$out/lint.sarif"
code=0
"$portolan" review "${options[@]}" --marker "${NAME:-review}" --output "markdown=$out/review.md" \
  --output "sarif=$out/lint.sarif" --output github -- "$AGAINST" || code=$?
if [ -e "$out/review.md" ]; then
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$out/review.md" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${PULL_REQUEST:-}" ]; then
    comment "$out/review.md"
  fi
  if [ -n "${GH_TOKEN:-}" ]; then
    upload "$out/lint.sarif"
  fi
fi
exit "$code"
