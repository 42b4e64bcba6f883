"""Exports a pipeline with Elyra itself: elyra_export.py REGISTRY PIPELINE FOLDER. The catalog of the registry is imported, the pipeline validated as the
editor does, and written to FOLDER for Kubeflow Pipelines, compiled and as Python. ELYRA_HARNESS_BASE is a folder with deps/site, where Elyra is."""

import asyncio
import json
import os
import pathlib
import sys
import urllib.request

registry, pipeline, folder = sys.argv[1].rstrip("/"), json.loads(pathlib.Path(sys.argv[2]).read_text()), pathlib.Path(sys.argv[3]).resolve()
site = os.path.join(os.environ["ELYRA_HARNESS_BASE"], "deps", "site")
for variable in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "HOME"):
    os.environ[variable] = str(folder / variable.lower())
    (folder / variable.lower()).mkdir(parents=True)
sys.path.insert(0, site)
import google  # Debian's is closed to other folders

google.__path__.append(os.path.join(site, "google"))

from elyra.metadata.manager import MetadataManager
from elyra.metadata.metadata import Metadata
from elyra.metadata.schemaspaces import ComponentCatalogs, Runtimes
from elyra.pipeline.component_catalog import ComponentCache
from elyra.pipeline.parser import PipelineParser
from elyra.pipeline.processor import PipelineProcessorManager
from elyra.pipeline.registry import PipelineProcessorRegistry
from elyra.pipeline.validation import PipelineValidationManager

CONFIGURATION = {
    "name": "kfp", "schema_name": "kfp", "display_name": "kfp",
    "metadata": {
        "runtime_type": "KUBEFLOW_PIPELINES", "api_endpoint": "http://127.0.0.1:1/pipeline", "engine": "Argo", "auth_type": "NO_AUTHENTICATION",
        "cos_auth_type": "USER_CREDENTIALS", "cos_endpoint": "http://127.0.0.1:1", "cos_username": "user", "cos_password": "password", "cos_bucket": "bucket",
    },
}

root = str(folder)
for manager in (PipelineProcessorRegistry, PipelineProcessorManager, PipelineValidationManager):
    manager.instance(root_dir=root)
cache = ComponentCache.instance(emulate_server_app=True)
with urllib.request.urlopen(f"{registry}/catalogs/elyra/claimed/url-catalog.json?runtime=kfp") as answer:
    catalog = json.load(answer)
space = ComponentCatalogs.COMPONENT_CATALOGS_SCHEMASPACE_ID
MetadataManager(schemaspace=space).create("claimed", Metadata.from_dict(space, catalog))
cache.wait_for_all_cache_tasks()
space = Runtimes.RUNTIMES_SCHEMASPACE_ID
MetadataManager(schemaspace=space).create("kfp", Metadata.from_dict(space, CONFIGURATION))

pipeline["pipelines"][0]["app_data"].update({"name": "german-credit", "source": "german-credit.pipeline", "runtime": "kfp", "runtime_config": "kfp"})
told = asyncio.new_event_loop().run_until_complete(PipelineValidationManager.instance().validate(json.loads(json.dumps(pipeline)))).to_json()
for issue in told.get("issues", []):
    print("issue:", issue.get("message"), json.dumps(issue.get("data", {})))
parsed = PipelineParser(root_dir=root).parse(pipeline)
for kind in ("yaml", "py"):
    PipelineProcessorManager.instance().get_processor_for_runtime("kfp").export(parsed, kind, str(folder / f"german-credit.{kind}"), True)
    print(f"german-credit.{kind}")
sys.stdout.flush()
# A thread of Elyra's cache never ends by itself.
os._exit(0 if not told.get("issues") else 1)
