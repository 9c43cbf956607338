# Does a persona help a judge, do examples, do both together? Four judges over one dataset:
#
#     make -f examples/experiment.mk DATA=prefs.jsonl OUT=build/experiment
#
# SPLIT='--test 0.2' holds out a share of each user's pairs, where some have fewer than six.
#
# Each step is a target: stop it at any time and run it again, finished steps are kept and within a
# step every answer is in the store. `make -j2` works on independent steps at once. Figures are in
# $(OUT)/table.txt, and $(OUT)/report.html shows them with everything that led to them: the judges
# compared, and each user's persona, examples and verdicts of the judge that has both.
DATA = examples/prefs.jsonl
OUT = build/experiment
SPLIT = --test 4
SEARCH =
MODEL =

JUDGES = default demos persona both

# The programs of this repository, where none are installed.
here := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
export PATH := $(PATH):$(here)/../bin

# A step whose exit status is 1 is done but for the users that its messages name.
step = sh -c '"$$@"; s=$$?; [ $$s -le 1 ] || exit $$s' step $(1) >$@.part && mv $@.part $@

all: $(OUT)/table.txt $(OUT)/report.html

$(OUT)/report.html: $(OUT)/both.verdicts.jsonl $(OUT)/comparison.jsonl
	sm-report --title 'Four judges' --html $@ $(OUT)/both.verdicts.jsonl $(OUT)/comparison.jsonl

$(OUT)/comparison.jsonl: $(JUDGES:%=$(OUT)/%.verdicts.jsonl)
	$(call step,sm-eval $^)

$(OUT)/table.txt: $(JUDGES:%=$(OUT)/%.result.jsonl)
	@jq -rn -f $(here)/experiment.jq $^ >$@
	@cat $@

$(OUT)/default.jsonl: $(DATA)
	@mkdir -p $(@D)
	$(call step,sm-split $(SPLIT) $<)

$(OUT)/demos.jsonl: $(OUT)/default.jsonl
	$(call step,sm-demosearch $(SEARCH) $(MODEL) $<)

$(OUT)/explained.jsonl: $(OUT)/default.jsonl
	$(call step,sm-bootstrap $(SEARCH) $(MODEL) $<)

$(OUT)/persona.jsonl: $(OUT)/explained.jsonl
	$(call step,sm-persona $(MODEL) $<)

$(OUT)/both.jsonl: $(OUT)/persona.jsonl
	$(call step,sm-demosearch $(SEARCH) $(MODEL) $<)

$(JUDGES:%=$(OUT)/%.verdicts.jsonl): %.verdicts.jsonl: %.jsonl
	$(call step,sm-judge $(MODEL) $<)

$(JUDGES:%=$(OUT)/%.result.jsonl): %.result.jsonl: %.verdicts.jsonl
	$(call step,sm-eval $<)

.PHONY: all
.DELETE_ON_ERROR:
.SECONDARY:
