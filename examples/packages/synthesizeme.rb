# Homebrew's formula, for Linux. Put where the tarball of make dist lies, and its digest (sha256sum), then:
#   brew install --build-from-source ./synthesizeme.rb
# Checked: its syntax, and its own `install` and `test` with the methods of Formula replaced (tests/packages/others).
# Not tried with brew itself, nor on macOS, whose linker knows neither --start-group nor relro.
class Synthesizeme < Formula
  desc "Judges of language models' replies that know one person's taste"
  homepage "https://arxiv.org/abs/2506.05598"
  url "file:///tmp/synthesizeme-0.2.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "curl"
  depends_on "jq"
  depends_on "libpq"
  depends_on :linux
  depends_on "openssl@3"
  depends_on "sqlite"
  depends_on "zlib"
  depends_on "zstd"

  def install
    system "make", "install", "install-lib", "PREFIX=#{prefix}", "CC=#{ENV.cc}", "FISH_DIR=#{fish_completion}"
  end

  test do
    (testpath/"pairs.jsonl").write <<~JSON
      {"user_id":"a","context":[{"role":"user","content":"q"}],"chosen":"yes","rejected":"no"}
    JSON
    assert_match '"split":"test"', shell_output("#{bin}/sm-split --test 1 pairs.jsonl")
    assert_match version.to_s, shell_output("#{bin}/sm-judge --version")
  end
end
