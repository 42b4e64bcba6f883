"""
Tunes hyperparameters: runs a Katib Experiment, waits for its end, returns the best parameter set and draws the search.

Exit codes: 0 succeeded; 1 an input, a right or something in the cluster is missing; 3 the experiment failed or was deleted; 4 it failed because the
pods of its trials were evicted; 5 it took longer than experiment_timeout_minutes. What is not done at a time-out or at SIGTERM is deleted with
its trials; the trials that were done are written all the same.
"""

# claimed: category=Tuning
# claimed: group=Hyperopt
# claimed: displayName=Katib
# claimed: tags=katib, kubeflow, hyperparameters, experiment, kubernetes, picture
# claimed: imports=kubernetes,yaml,matplotlib
# claimed: input experiment_spec: JsonObject
# claimed: input experiment_timeout_minutes: Integer
# claimed: output best_parameter_set: JsonObject from output_best_parameter_set
# claimed: output trials: Dataset from output_trials
# claimed: output picture: Artifact from output_picture

# pip install kubernetes==31.0.0
# pip install matplotlib==3.9.2

import csv
import io
import json
import logging
import os

from cluster import carry_out
from ports import EVICTED, FAILED, End, mapping, named, whole, write
from search import Search, draw
from troubles import speaks_of_eviction, spoken_of, told

# Name of the experiment: small letters, digits and dashes
experiment_name = os.environ['experiment_name']

# Namespace that it runs in
experiment_namespace = os.environ.get('experiment_namespace', 'anonymous')

# The spec of a v1beta1 Experiment: objective, algorithm, parameters, trialTemplate, maxTrialCount, …
experiment_spec = os.environ.get('experiment_spec', '{}')

# Minutes until the experiment must be done; it is deleted then
experiment_timeout_minutes = os.environ.get('experiment_timeout_minutes', '1440')

# Whether the experiment is deleted after it has succeeded; a failed one stays to be looked at
delete_finished_experiment = os.environ.get('delete_finished_experiment', 'True').lower() in ('true', '1', 'yes')

# Path of a kubeconfig file; empty takes the account of the pod, else the file that KUBECONFIG names or ~/.kube/config
kubeconfig = os.environ.get('kubeconfig', '')

# JSON: currentOptimalTrial as Katib reports it (bestTrialName, parameterAssignments, observation), and parameters, the same values by name
output_best_parameter_set = os.environ['output_best_parameter_set']

# CSV, a line per trial: trial, state, start, completion, the metrics, and the parameters with the prefix `parameter:`
output_trials = os.environ['output_trials']

# PNG: the metric from trial to trial, and the parameters of all trials as parallel coordinates
output_picture = os.environ['output_picture']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')

OPERATOR = 'Install Katib 0.11 or later, which brings Experiment and Trial.'
ROLE = 'components/tuning/katib/role.yaml'
COUNTS = {'trialsSucceeded': 'succeeded', 'trialsEarlyStopped': 'stopped early', 'trialsRunning': 'running', 'trialsPending': 'pending', 'trialsFailed': 'failed',
          'trialsKilled': 'killed', 'trialMetricsUnavailable': 'without metrics'}


def spec():
    """The spec of the experiment; all that Katib would miss in it is named at once."""
    found = mapping('experiment_spec', experiment_spec)
    if found.get('kind') == 'Experiment':
        found = found.get('spec') or {}
    missing = []

    def need(condition, what):
        if not condition:
            missing.append(what)

    def part(of, key):
        return of.get(key) if isinstance(of.get(key), dict) else {}

    need(part(found, 'objective').get('objectiveMetricName'), 'objective.objectiveMetricName')
    need(part(found, 'objective').get('type') in ('minimize', 'maximize'), 'objective.type (minimize or maximize)')
    need(part(found, 'algorithm').get('algorithmName'), 'algorithm.algorithmName')
    need(part(found, 'trialTemplate').get('trialSpec') or part(found, 'trialTemplate').get('configMap'), 'trialTemplate.trialSpec or trialTemplate.configMap')
    parameters = found.get('parameters') or []
    need(parameters or found.get('nasConfig'), 'parameters')
    for number, parameter in enumerate(parameters if isinstance(parameters, list) else [parameters]):
        for key in ('name', 'parameterType', 'feasibleSpace'):
            need(isinstance(parameter, dict) and parameter.get(key), f'parameters[{number}].{key}')
    if missing:
        raise End(f'experiment_spec: there is no {", no ".join(missing)}')
    return found


class Progress:
    """What is known of the experiment; says what is new."""

    def __init__(self, experiment):
        self.experiment, self.said = experiment, set()

    def see(self, experiment):
        self.experiment = experiment
        status = experiment.get('status') or {}
        for condition in status.get('conditions') or ():
            if condition.get('status') == 'True':
                self.say(spoken_of(condition))
        counts = [f'{status[key]} {word}' for key, word in COUNTS.items() if status.get(key)]
        if counts:
            self.say(f'trials of {experiment["spec"].get("maxTrialCount", "?")}: {", ".join(counts)}')
        search, best = Search(experiment, []), self.best()
        if best:
            values = ', '.join(f'{name}={value}' for name, value in parameters_of(best).items())
            self.say(f'best so far {search.metric}={search.value(best.get("observation"))} with {values}')

    def say(self, text):
        if text not in self.said:
            self.said.add(text)
            logging.info('Experiment %s/%s: %s', experiment_namespace, experiment_name, text)

    def best(self):
        """The best trial so far as Katib reports it, or None."""
        best = (self.experiment.get('status') or {}).get('currentOptimalTrial') or {}
        return best if best.get('parameterAssignments') else None

    def end(self):
        conditions = (self.experiment.get('status') or {}).get('conditions') or ()
        return next((one for one in conditions if one.get('type') in ('Succeeded', 'Failed') and one.get('status') == 'True'), None)


def parameters_of(trial):
    return {one['name']: one.get('value') for one in trial.get('parameterAssignments') or ()}


def report(cluster, resource, progress):
    """Writes what the trials have found up to now; returns them."""
    search = Search(progress.experiment, [])
    for label in ('katib.kubeflow.org/experiment', 'experiment'):
        search = Search(progress.experiment, cluster.list(resource, experiment_namespace, label_selector=f'{label}={experiment_name}')['items'])
        if search.trials:
            break
    text = io.StringIO()
    lines = csv.writer(text, lineterminator='\n')
    lines.writerow(['trial', 'state', 'start', 'completion', *search.metrics, *(f'parameter:{name}' for name in search.parameters)])
    for trial in search.trials:
        values = [search.value(trial.observation, metric) for metric in search.metrics]
        lines.writerow([trial.name, trial.state, trial.start, trial.completion, *('' if value is None else value for value in values),
                        *(trial.parameters.get(name, '') for name in search.parameters)])
    write(output_trials, text.getvalue())
    best = progress.best()
    draw(search, best.get('bestTrialName') if best else None, f'{experiment_namespace}/{experiment_name}', output_picture)
    if best:
        write(output_best_parameter_set, json.dumps({'currentOptimalTrial': best, 'parameters': parameters_of(best)}, indent=2))
    return search


def failure(cluster, search, end):
    """Why the experiment failed, as what ends the run."""
    failed = [trial for trial in search.trials if trial.state == 'Failed']
    names = {trial.name for trial in failed}
    troubles = [one for one in cluster.pods(experiment_namespace, 'katib.kubeflow.org/trial') if any(one['pod'].startswith(name) for name in names)]
    gone = {name for name in names if any(one['evicted'] and one['pod'].startswith(name) for one in troubles)}
    gone |= {trial.name for trial in failed if speaks_of_eviction(trial.message, trial.name)}
    evicted = speaks_of_eviction(end.get('reason'), '') or bool(names) and gone == names
    trials = ''.join(f'; trial {trial.name}: {trial.message}' for trial in failed[:3])
    return End(f'Experiment {experiment_namespace}/{experiment_name}: {spoken_of(end)}{trials}{told(troubles)}', EVICTED if evicted else FAILED, keep=True)


def work(cluster):
    body = {'metadata': {'name': named('experiment_name', experiment_name)}, 'spec': spec()}
    named('experiment_namespace', experiment_namespace)
    cluster.connect(kubeconfig, 60 * whole('experiment_timeout_minutes', experiment_timeout_minutes, 1))
    experiments = cluster.resource('experiments', [('kubeflow.org', 'v1beta1')], OPERATOR)
    trials, pods = (*experiments[:2], 'trials'), ('', 'v1', 'pods')
    cluster.check_rights(experiment_namespace, [(experiments, ['create', 'list', 'watch', 'delete']), (trials, ['list']), (pods, ['list'])], ROLE)
    made = cluster.create(experiments, experiment_namespace, 'Experiment', body, 'delete it or take another name')
    logging.info('Experiment %s/%s submitted to %s', experiment_namespace, experiment_name, cluster.host)
    progress = Progress(made)
    try:
        for experiment, gone in cluster.follow(experiments, experiment_namespace, made):
            progress.see(experiment)
            if gone or progress.end():
                break
    except End as end:
        cluster.more_time(30)
        try:
            report(cluster, trials, progress)
        except End as other:
            logging.warning('the trials up to now cannot be seen: %s', other)
        raise end
    search, end = report(cluster, trials, progress), progress.end()
    if end is None:
        raise End(f'Experiment {experiment_namespace}/{experiment_name} was deleted while it ran', FAILED, keep=True)
    if end['type'] == 'Failed':
        raise failure(cluster, search, end)
    if progress.best() is None:
        raise End(f'Experiment {experiment_namespace}/{experiment_name}: {spoken_of(end)}, but no trial has reported {search.metric}', FAILED, keep=True)
    if delete_finished_experiment and not gone:
        cluster.delete(experiments, experiment_namespace, made)


carry_out(work)
