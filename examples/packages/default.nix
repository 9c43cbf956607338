# Nix: `nix-build examples/packages` in a clone or in what the tarball of make dist holds.
# Checked: it parses, and gives name, version and inputs where the packages are stand-ins. Not built: that needs nixpkgs.
{ pkgs ? import <nixpkgs> { } }:

let
  line = builtins.match ".*\nVERSION = ([0-9.]+)\n.*" (builtins.readFile ../../Makefile);
in
pkgs.stdenv.mkDerivation {
  pname = "synthesizeme";
  version = builtins.head line;
  src = ../..;

  nativeBuildInputs = [ pkgs.pkg-config ];
  buildInputs = [
    pkgs.curl
    pkgs.jq
    pkgs.openssl
    (pkgs.libpq or pkgs.postgresql)
    pkgs.sqlite
    pkgs.zlib
    pkgs.zstd
  ];

  enableParallelBuilding = true;
  makeFlags = [ "PREFIX=$(out)" "CC=cc" ];
  installTargets = [ "install" "install-lib" ];

  meta = {
    description = "Judges of language models' replies that know one person's taste";
    homepage = "https://arxiv.org/abs/2506.05598";
    license = pkgs.lib.licenses.mit;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "sm-fit";
  };
}
