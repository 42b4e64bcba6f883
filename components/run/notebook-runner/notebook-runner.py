"""Runs a Jupyter notebook with parameters and keeps it with its outputs, also when a cell fails."""

# claimed: category=Run
# claimed: group=Notebook
# claimed: displayName=Notebook runner
# claimed: tags=notebook, jupyter, papermill, report
# claimed: imports=papermill,nbformat,nbclient,ipykernel
# claimed: input notebook: Notebook
# claimed: input parameters: JsonObject
# claimed: input variables: JsonObject
# claimed: output executed: Notebook from output_executed
# claimed: output report: HTML from output_report
# claimed: output results: JsonObject

# pip install papermill==2.6.0 nbclient==0.10.2 nbformat==5.10.4 ipykernel==6.29.5 nbconvert==7.16.6

import html
import http.client
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

# The notebook, an .ipynb file
notebook = os.environ.get('notebook', '')

# Address of the notebook, http or https, where no file is given
notebook_url = os.environ.get('notebook_url', '')

# Values for the notebook's cell with the tag parameters, such as {"rows": 100}; they are kept in the executed notebook, so no secrets
parameters = os.environ.get('parameters', '{}')

# Environment variables of the notebook, such as {"data_csv": "a.csv"}; it also has those of this container
variables = os.environ.get('variables', '{}')

# Kernel that runs the notebook, such as python3; empty takes the one that the notebook names
kernel = os.environ.get('kernel', '')

# Seconds that one cell may take; 0 sets no limit
timeout = int(os.environ.get('timeout', 0))

# Largest notebook that is read, in megabytes
max_megabytes = int(os.environ.get('max_megabytes', 100))

# The notebook with its outputs, also when a cell failed
output_executed = os.environ['output_executed']

# The same as an HTML page
output_report = os.environ['output_report']

# How much is logged: DEBUG, INFO, WARNING or ERROR
log_level = os.environ.get('log_level', 'INFO')

logging.basicConfig(level=log_level, format='%(levelname)s %(message)s')
SCRAP = 'application/scrapbook.scrap.json+json'


def as_object(name, text):
    try:
        value = json.loads(text)
    except ValueError as error:
        sys.exit(f'error: {name}: it is not JSON: {error}')
    if not isinstance(value, dict):
        sys.exit(f'error: {name}: expected a JSON object such as {{"rows": 100}}')
    return value


def check_inputs():
    if bool(notebook) == bool(notebook_url):
        sys.exit('error: give either notebook or notebook_url')
    if notebook_url and urllib.parse.urlsplit(notebook_url).scheme not in ('http', 'https'):
        sys.exit('error: notebook_url: it is not an http or https address')
    for name in parameters:
        if not re.fullmatch(r'[A-Za-z_.][\w.]*', name):
            sys.exit(f'error: parameters: {name!r} cannot be the name of a variable')
    for name, value in variables.items():
        if not name or '=' in name or '\0' in name + str(value):
            sys.exit(f'error: variables: {name!r} cannot be the name of an environment variable, or its value holds a NUL')
    if timeout < 0 or max_megabytes < 1:
        sys.exit('error: timeout must be 0 or more seconds, max_megabytes 1 or more')


def fetched():
    """The bytes of the notebook."""
    limit = max_megabytes * 1_000_000
    try:
        if notebook:
            source = open(notebook, 'rb')
        else:
            source = urllib.request.urlopen(urllib.request.Request(notebook_url, headers={'User-Agent': 'claimed-notebook-runner'}), timeout=60)
        with source:
            content = source.read(limit + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.exit(f'error: the notebook cannot be read: {error}')
    if len(content) > limit:
        sys.exit(f'error: the notebook is larger than max_megabytes = {max_megabytes}')
    return content


def parsed(content):
    """The notebook in the newest format, with a kernel to run it."""
    try:
        book = nbformat.reads(content.decode('utf-8-sig'), as_version=4)
        nbformat.validate(book)
    except Exception as error:  # nbformat raises many kinds for what is no notebook
        hint = '; the address must be that of the raw file' if notebook_url and content.lstrip()[:1] == b'<' else ''
        sys.exit(f'error: it is not a notebook that can be read: {first_line(error)}{hint}')
    known = sorted(KernelSpecManager().find_kernel_specs())
    wanted = kernel or book.metadata.get('kernelspec', {}).get('name') or 'python3'
    if wanted not in known:
        sys.exit(f"error: kernel: there is no kernel '{wanted}' in this image; there are: {', '.join(known) or 'none'}")
    # papermill asks for the language too, and older notebooks do not tell it.
    spec = KernelSpecManager().get_kernel_spec(wanted)
    book.metadata['kernelspec'] = {'name': wanted, 'display_name': spec.display_name, 'language': spec.language}
    return book, wanted


def first_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def warn_of_unknown(path, book):
    """Tells which parameters the notebook does not have; only Python's cells can be asked for them."""
    if not parameters:
        return
    if not any('parameters' in cell.metadata.get('tags', []) for cell in book.cells):
        logging.warning('the notebook has no cell with the tag parameters: %s are set before its first cell', ', '.join(parameters))
        return
    known = papermill.inspect_notebook(path)
    unknown = [name for name in parameters if name not in known]
    if unknown and (known or book.metadata.kernelspec.language == 'python'):
        logging.warning('parameters that the notebook does not know: %s; it knows: %s', ', '.join(unknown), ', '.join(known) or 'none')


def number_in_source(book, index):
    """The place of the cell `index`, from 1, in the notebook as it was given: without what papermill adds."""
    cells = [set(cell.metadata.get('tags', [])) for cell in book.cells]
    run = [tags for tags in cells if 'papermill-error-cell-tag' not in tags]
    return sum('injected-parameters' not in tags for tags in run[:index + 1])


def failure(error, book):
    """What a person needs to find the cell that failed."""
    if isinstance(error, papermill.PapermillExecutionError):
        source = next((line.strip() for line in error.source.splitlines() if line.strip()), '')[:200]
        return f'cell {number_in_source(book, error.cell_index)} (In [{error.exec_count}]): {source}\n  {error.ename}: {error.evalue}'
    running = [i for i, cell in enumerate(book.cells) if cell.metadata.get('papermill', {}).get('status') in ('running', 'completed', 'failed')]
    where = f'cell {number_in_source(book, running[-1])}: ' if running else ''
    return f'{where}{type(error).__name__}: {first_line(error)}'


def results(book):
    """What the notebook recorded as scrapbook does: {name: value}."""
    found = {}
    for cell in book.cells:
        for output in cell.get('outputs', []):
            scrap = output.get('data', {}).get(SCRAP)
            if isinstance(scrap, dict) and 'name' in scrap:
                found[str(scrap['name'])] = scrap.get('data')
    return found


def keep(path):
    """The executed notebook and its page appear when they are complete."""
    shutil.copyfile(path, output_executed + '.part')
    os.replace(output_executed + '.part', output_executed)
    with open(path, encoding='utf-8') as file:
        book = nbformat.read(file, as_version=4)
    try:
        from nbconvert import HTMLExporter
        page = HTMLExporter().from_notebook_node(book)[0]
    except Exception as error:  # its templates are optional, and the notebook is worth more than its page
        logging.warning('no HTML report: %s', first_line(error))
        page = f'<!doctype html><meta charset="utf-8"><p>No report was made: {html.escape(first_line(error))}</p>\n'
    with open(output_report + '.part', 'w', encoding='utf-8', errors='replace') as file:
        file.write(page)
    os.replace(output_report + '.part', output_report)
    return book


parameters, variables = as_object('parameters', parameters), as_object('variables', variables)
check_inputs()
content = fetched()
try:
    import nbformat
    import papermill
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
except ImportError as error:
    sys.exit(f'error: papermill with nbformat, nbclient and ipykernel is needed: {error}; install them in the image')

# The first one keeps the kernel's debugger from a warning that is about nothing.
os.environ.update({'PYDEVD_DISABLE_FILE_VALIDATION': '1'} | {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()})
logging.getLogger('papermill').setLevel(logging.ERROR)
with tempfile.TemporaryDirectory(prefix='notebook-runner-') as folder:
    given, done = os.path.join(folder, 'notebook.ipynb'), os.path.join(folder, 'executed.ipynb')
    book, wanted = parsed(content)
    nbformat.write(book, given)
    warn_of_unknown(given, book)
    logging.info('%d cells with the kernel %s', len(book.cells), wanted)
    trouble = None
    try:
        book = papermill.execute_notebook(given, done, parameters, kernel_name=wanted, execution_timeout=timeout or None, progress_bar=False,
                                          stdout_file=sys.stdout, stderr_file=sys.stderr)
    except (papermill.PapermillException, CellTimeoutError, DeadKernelError, RuntimeError, OSError) as error:
        trouble = error
    if trouble and not os.path.exists(done):
        sys.exit(f'error: the notebook did not start: {type(trouble).__name__}: {first_line(trouble)}')
    book = keep(done)
    if trouble:
        sys.exit(f'error: {failure(trouble, book)}')

# What the notebook recorded with scrapbook's glue, as a JSON object
os.environ['results'] = json.dumps(results(book), ensure_ascii=False)
logging.info('all %d cells ran', len(book.cells))
