using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>
/// An Airflow operator that runs one version in a pod, in a file that needs no other. Airflow imports it; Elyra only reads its syntax tree, which is
/// why it names <c>BaseOperator</c> among its bases: the import path of the pod operator has a form that Elyra does not take for an operator's.
/// </summary>
internal static class OperatorRendition
{
    public static string Write(RenditionSource source)
    {
        var operators = new OperatorClass([new OperatorVersion(source)], null);
        var python = new StringBuilder();
        python.Append("\"\"\"").Append(PythonText.Docstring($"Runs the component {source.Namespace}/{source.Name} {source.Version} as an Airflow task."))
            .Append("\"\"\"\n\n")
            .Append("from __future__ import annotations\n\n")
            .Append("import json\nimport re\n")
            .Append("from typing import Any, Dict, Optional, Tuple\n\n")
            .Append("from airflow.models import BaseOperator\n")
            .Append("from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator\n")
            .Append("from kubernetes.client import models as k8s\n\n\n");
        OperatorTables.Write(python, operators);
        python.Append("\n\n").Append(OperatorText.Resource("component_task.py").Body).Append("\n\n").Append(OperatorText.Resource("kubernetes_task.py").Body).Append("\n\n");
        OperatorText.WriteClass(python, operators, operators.Name(), "KubernetesComponent");
        return python.ToString();
    }

    /// <summary><c>filter-csv</c> becomes <c>FilterCsvOperator</c>.</summary>
    public static string ClassName(string name) => OperatorClass.NameOf(name, null);
}
