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
#
# WAYS adds judges that learn more from the same choices, each with a page of its own, such as
# $(OUT)/rubric.html: candidates, the best of four personas; voted, the best three of these
# together; revised, the persona after three revisions; rubric, criteria with weights; nearest,
# the persona and the examples most like each question; cold, the persona of other users, each
# half of them starting from the other half. WAYS='candidates rubric' takes these two. All but
# nearest are without examples: compare them with the judge `persona`.
DATA = examples/prefs.jsonl
OUT = build/experiment
SPLIT = --test 4
SEARCH =
MODEL =
WAYS =

JUDGES = default demos persona both $(WAYS)

# The programs of this repository, where none are installed.
here := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
export PATH := $(PATH):$(here)/../bin

# A step whose exit status is 1 is done but for the users that its messages name.
step = sh -c '"$$@"; s=$$?; [ $$s -le 1 ] || exit $$s' step $(1) >$@.part && mv $@.part $@

all: $(OUT)/table.txt $(OUT)/report.html $(WAYS:%=$(OUT)/%.html)

$(OUT)/report.html: $(OUT)/both.verdicts.jsonl $(OUT)/comparison.jsonl
	sm-report --title '$(if $(WAYS),$(words $(JUDGES)),Four) judges' --html $@ $^

$(WAYS:%=$(OUT)/%.html): $(OUT)/%.html: $(OUT)/%.verdicts.jsonl
	sm-report --html $@ $<

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

$(OUT)/candidates.jsonl: $(OUT)/explained.jsonl
	$(call step,sm-persona --candidates 4 $(MODEL) $<)

$(OUT)/revised.jsonl: $(OUT)/explained.jsonl
	$(call step,sm-persona --revise 3 $(MODEL) $<)

$(OUT)/rubric.jsonl: $(OUT)/explained.jsonl
	$(call step,sm-persona --form rubric $(MODEL) $<)

$(OUT)/voted.jsonl: $(OUT)/candidates.jsonl
	cp $< $@
$(OUT)/voted.verdicts.jsonl: judge = --personas 3

$(OUT)/nearest.jsonl: $(OUT)/persona.jsonl
	cp $< $@
$(OUT)/nearest.verdicts.jsonl: judge = --examples nearest

halves = 1 2
$(halves:%=$(OUT)/known-%.jsonl): $(OUT)/known-%.jsonl: $(OUT)/persona.jsonl
	$(call step,sm-neighbors --shard $*/2 $(MODEL) $<)

$(OUT)/cold-1.jsonl: $(OUT)/known-2.jsonl
$(OUT)/cold-2.jsonl: $(OUT)/known-1.jsonl
$(halves:%=$(OUT)/cold-%.jsonl): $(OUT)/cold-%.jsonl: $(OUT)/default.jsonl
	$(call step,sm-neighbors --shard $*/2 --own 1000 --cold $(filter $(OUT)/known-%,$^) $(MODEL) $<)

$(OUT)/cold.jsonl: $(halves:%=$(OUT)/cold-%.jsonl)
	cat $^ >$@

$(JUDGES:%=$(OUT)/%.verdicts.jsonl): %.verdicts.jsonl: %.jsonl
	$(call step,sm-judge $(judge) $(MODEL) $<)

$(JUDGES:%=$(OUT)/%.result.jsonl): %.result.jsonl: %.verdicts.jsonl
	$(call step,sm-eval $<)

.PHONY: all
.DELETE_ON_ERROR:
.SECONDARY:
