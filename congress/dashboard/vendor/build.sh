#!/bin/sh
# Writes the libraries of the dashboard into ../static, each bundled into one file, with their licences beside them.
# Needs Node.js with npm; only somebody who changes a version in package.json runs it.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json preact.js codemirror.js "$work"
(
    cd "$work"
    npm ci --no-audit --no-fund --silent
    for bundle in preact codemirror; do
        node_modules/.bin/esbuild "$bundle.js" --bundle --format=esm --minify --legal-comments=none \
            --log-level=warning --outfile="out/$bundle.js"
    done
    {
        echo 'preact.js and codemirror.js are bundles of these packages, made by congress/dashboard/vendor/build.sh.'
        echo 'Their texts are unchanged but for being put together and minified.'
        for license in node_modules/*/LICENSE node_modules/@*/*/LICENSE; do
            package=$(dirname "$license")
            case $package in */@esbuild/*) continue ;; esac
            node -e '
                const it = require(process.argv[1] + "/package.json");
                const from = (it.repository.url || it.repository).replace(/^git\+/, "");
                console.log(`\n${"-".repeat(80)}\n${it.name} ${it.version}, ${it.license}, from ${from}\n`);
            ' "$work/$package"
            cat "$license"
        done
    } > out/NOTICE.txt
)
cp "$work"/out/* ../static/
