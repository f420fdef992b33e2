# Everything that a newcomer runs. `make` alone says what there is.

VENV := .venv
CLIENT := .venv-client
CLOUD := .venv-cloud
LAB := .venv-lab
BIN := $(VENV)/bin
PIP := $(BIN)/pip install -c requirements/constraints.txt
QUIETLY := requirements/quietly.sh
SOURCES := pyproject.toml requirements/constraints.txt requirements/venv.sh

.PHONY: help client demo demo-stop record ha-demo ha-demo-stop lab lab-stop test ha-test lab-test lab-faults soak lint bench ha-bench docs screenshots vendor freeze clean

help:
	@echo 'make demo       start Congress on a replayed cloud and show what it does (about a minute)'
	@echo 'make demo-stop  stop what the demo left running'
	@echo 'make ha-demo    start the highly available deployment on this machine, and tell how to break it'
	@echo 'make lab        start a whole control plane on this machine, and tell how to break it (as root)'
	@echo 'make record     record the cloud of the demo again, from real services (half an hour)'
	@echo 'make client     install the command line client, .venv-client/bin/openstack'
	@echo 'make test       lint and run all tests'
	@echo 'make ha-test    break the highly available deployment in every way, and judge it (half an hour)'
	@echo 'make lab-test   follow the guide in the laboratory, and break it in every way, TIMES=1 (half an hour, as root)'
	@echo 'make lab-faults only break it, TIMES=5, and write RESULTS=var/lab; called again, it goes on (an hour, as root)'
	@echo 'make soak       go on with that for HOURS=2, and write REPORT=var/soak.txt'
	@echo 'make lint       only the static checks'
	@echo 'make bench      measure the engine and the API'
	@echo 'make ha-bench   measure what clients see of faults (an hour)'
	@echo 'make docs       write the reference pages again from the code, and the site into var/site'
	@echo 'make screenshots  draw the pictures of the dashboard for its page'
	@echo 'make vendor     bundle the libraries of the dashboard again (needs Node.js)'
	@echo 'make freeze     write requirements/constraints.txt from what is installed'
	@echo 'make clean      remove environments and everything below var/'

$(VENV)/.runs: $(SOURCES)
	@echo 'installing Congress into $(VENV) ...'
	@$(QUIETLY) requirements/venv.sh $(VENV)
	@$(QUIETLY) $(PIP) -e .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs
	@echo 'installing what the tests need ...'
	@$(QUIETLY) $(PIP) --group test --group lint
	@touch $@

$(CLIENT)/.runs: requirements/client.txt client/pyproject.toml
	@echo 'installing the command line client into $(CLIENT) ...'
	@$(QUIETLY) requirements/venv.sh $(CLIENT)
	@$(QUIETLY) $(CLIENT)/bin/pip install -r $<
	@touch $@

demo: $(VENV)/.runs
	@$(BIN)/python demo/run.py

client: $(CLIENT)/.runs

demo-stop:
	@$(BIN)/python demo/run.py stop

record: $(CLOUD)/.prepared
	$(BIN)/python -m demo.cloud.record

$(VENV)/.ha: $(VENV)/.runs requirements/servers.sh
	@echo 'looking for MariaDB, RabbitMQ and HAProxy ...'
	@$(QUIETLY) requirements/servers.sh ha
	@$(QUIETLY) $(PIP) -e '.[mysql]'
	@touch $@

ha-demo: $(VENV)/.ha
	@$(BIN)/python -m demo.ha.run

ha-demo-stop:
	@[ ! -x $(BIN)/python ] || $(BIN)/python -m demo.ha.run stop

$(LAB)/.runs: requirements/lab.txt requirements/cloud.txt
	@echo 'installing the Keystone of the control plane into $(LAB) ...'
	@$(QUIETLY) requirements/venv.sh $(LAB)
	@$(QUIETLY) $(LAB)/bin/pip install -r $<
	@touch $@

$(VENV)/.lab: $(VENV)/.runs requirements/servers.sh
	@echo 'looking for Pacemaker, MariaDB, RabbitMQ, HAProxy and memcached ...'
	@$(QUIETLY) requirements/servers.sh control
	@$(QUIETLY) $(PIP) -e '.[mysql]'
	@touch $@

DESCRIPTION ?= examples/small.yaml
lab: $(VENV)/.lab $(LAB)/.runs
	@$(BIN)/congress-cluster lab up $(DESCRIPTION)
	@echo 'now: $(BIN)/congress-cluster lab status | faults | run NODE | down'

lab-stop:
	@[ ! -x $(BIN)/python ] || $(BIN)/congress-cluster lab down

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.servers: requirements/servers.sh
	@echo 'looking for the servers that the tests start ...'
	@$(QUIETLY) requirements/servers.sh
	@touch $@

$(CLOUD)/.runs: requirements/cloud.txt
	@echo 'installing the OpenStack that the tests talk to into $(CLOUD) ...'
	@$(QUIETLY) requirements/venv.sh $(CLOUD)
	@$(QUIETLY) $(CLOUD)/bin/pip install -r $<
	@rm -rf $(CLOUD)/keystone-* $(CLOUD)/cloud-*
	@touch $@

$(CLOUD)/.prepared: $(CLOUD)/.runs $(VENV)/.tests $(VENV)/.servers
	@echo 'making the databases of that OpenStack ...'
	@$(QUIETLY) $(BIN)/python -m tests.cloud.real
	@touch $@

test: lint $(CLIENT)/.runs $(CLOUD)/.prepared $(VENV)/.servers
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/ha/test_faults.py --ignore tests/cloud
	$(BIN)/pytest tests/ha/test_faults.py
	$(BIN)/pytest tests/cloud

ha-test: $(VENV)/.tests $(VENV)/.servers
	$(BIN)/pytest tests/ha -m 'long or not long'

TIMES ?= 1
RESULTS ?= var/lab
lab-test: $(VENV)/.tests $(VENV)/.lab $(LAB)/.runs
	@rm -f $(RESULTS)/faults.json
	LAB_TIMES=$(TIMES) LAB_RESULTS=$(RESULTS) $(BIN)/pytest tests/cluster/lab -n 0 -m 'long or not long'
	$(BIN)/pytest tests/cluster/services/test_message_bus.py -n 0 -m long

lab-faults: $(VENV)/.lab $(LAB)/.runs
	@mkdir -p $(RESULTS)
	@$(BIN)/congress-cluster lab up $(DESCRIPTION)
	@$(BIN)/congress-cluster lab faults --times $(TIMES) --json $(RESULTS)/faults.json --page $(RESULTS)/faults.md; \
	  status=$$?; $(BIN)/congress-cluster lab down; exit $$status

HOURS ?= 2
REPORT ?= var/soak.txt
soak: $(VENV)/.tests $(VENV)/.servers
	$(BIN)/python -m tests.ha.soak --hours $(HOURS) --report $(REPORT)

ha-bench: $(VENV)/.tests $(VENV)/.servers
	$(BIN)/python -m bench.faults

bench: $(VENV)/.runs
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.api

docs: $(VENV)/.tests
	$(BIN)/python -m congress.datasources.reference > docs/reference/drivers.md
	$(BIN)/python -m congress.datasources.coverage > docs/reference/actions.md
	$(BIN)/python -m congress.datalog.reference > docs/reference/language.md
	$(BIN)/python -m congress.cli.authoring.reference > docs/reference/authoring.md
	$(BIN)/python -m congress.cli.reference > docs/reference/commands.md
	$(BIN)/python -m congress.cli.remedies.reference > docs/errors.md
	$(BIN)/python -m congress.conf.reference > docs/configuration.md
	$(BIN)/python -m congress.api.reference > docs/api.md
	$(BIN)/python -m congress.api.rbac.reference > docs/reference/rbac.md
	$(BIN)/python -m congress.telemetry.reference > docs/metrics.md
	$(BIN)/python -m congress.telemetry.dashboard > deploy/grafana/congress.json
	$(BIN)/python -m congress.cluster.checks.reference > docs/reference/cluster-checks.md
	$(BIN)/python -m congress.cluster.model.reference > docs/reference/cluster-description.md
	$(BIN)/python -m congress.cluster.services.reference > docs/reference/cluster-services.md
	$(BIN)/oslopolicy-sample-generator --namespace congress --output-file etc/congress/policy.yaml.sample
	$(BIN)/oslo-config-generator --config-file etc/congress-config-generator.conf
	$(BIN)/sphinx-build -q -W --keep-going -n docs var/site
	@echo 'the site: var/site/index.html'

screenshots: $(VENV)/.tests $(VENV)/.servers
	$(BIN)/python -m tests.dashboard.screenshots docs/pictures/dashboard

vendor:
	congress/dashboard/vendor/build.sh

freeze: $(VENV)/.tests
	@echo '# Tested versions of everything the service, its tests and its checks install. Written by `make freeze`.' > requirements/constraints.txt
	@$(BIN)/pip freeze --exclude-editable | grep -viE '^(pip|setuptools|wheel)=| @ ' >> requirements/constraints.txt

clean: demo-stop ha-demo-stop lab-stop
	rm -rf $(VENV) $(CLIENT) $(CLOUD) $(LAB) var
