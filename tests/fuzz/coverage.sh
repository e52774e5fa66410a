#!/bin/sh
# A wrapper around rustc (RUSTC_WORKSPACE_WRAPPER) that has libFuzzer see what the workspace's own code does, and leaves all
# other crates as they are, so that they need not be built again. Build scripts have no optimisation, and no libFuzzer.
case " $* " in
*" opt-level=3 "*) exec "$@" $CHECKER_FUZZ_FLAGS ;;
*) exec "$@" ;;
esac
