using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>An argument of the operator's <c>__init__</c>.</summary>
/// <param name="Port">The port it stands for.</param>
/// <param name="Name">A Python identifier that no base class uses.</param>
/// <param name="Annotation">Its type, as Elyra can read it.</param>
/// <param name="Default">A Python literal; null makes it required.</param>
/// <param name="Description">One line for the docstring.</param>
internal sealed record OperatorArgument(Port Port, string Name, string Annotation, string? Default, string Description)
{
    public string DocType => Annotation.StartsWith("Optional[", StringComparison.Ordinal) ? Annotation[9..^1] : Annotation;
}

/// <summary>The arguments of an operator: inputs in their order, then a path for each output that is a file.</summary>
internal static partial class OperatorArguments
{
    // Arguments of Airflow's operators that a component's must not hide, and attributes that Elyra or Python reserve.
    private static readonly FrozenSet<string> Taken = FrozenSet.Create(StringComparer.Ordinal, (
        "self context kwargs args inputs outputs component_inputs component_outputs component_arguments component_version component versions version default_version " +
        "workspace workspace_folder value_folder result_file returns secret_values running label " +
        "task_id owner email email_on_retry email_on_failure retries retry_delay retry_exponential_backoff max_retry_delay start_date end_date " +
        "depends_on_past ignore_first_depends_on_past wait_for_past_depends_before_skipping wait_for_downstream dag params default_args " +
        "priority_weight weight_rule queue pool pool_slots sla execution_timeout on_execute_callback on_failure_callback on_success_callback " +
        "on_retry_callback on_skipped_callback pre_execute post_execute trigger_rule resources run_as_user map_index_template " +
        "max_active_tis_per_dag max_active_tis_per_dagrun executor executor_config inlets outlets task_group doc doc_md doc_json doc_yaml doc_rst " +
        "task_display_name logger_name allow_nested_operators multiple_outputs render_template_as_native_obj overwrite_rtif_after_execution " +
        "start_from_trigger start_trigger_args has_on_execute_callback email_subject " +
        "kubernetes_conn_id namespace image name random_name_suffix cmds arguments ports volume_mounts volumes env_vars env_from secrets in_cluster " +
        "cluster_context labels reattach_on_restart startup_timeout_seconds startup_check_interval_seconds schedule_timeout_seconds get_logs " +
        "base_container_name base_container_status_polling_interval container_logs image_pull_policy annotations container_resources affinity " +
        "config_file node_selector image_pull_secrets service_account_name hostnetwork host_aliases tolerations security_context " +
        "container_security_context dnspolicy dns_config hostname subdomain schedulername full_pod_spec init_containers init_container_logs " +
        "log_events_on_failure do_xcom_push pod_template_file pod_template_dict priority_class_name pod_runtime_info_envs termination_grace_period " +
        "configmaps skip_on_exit_code deferrable poll_interval log_pod_spec_on_failure on_finish_action is_delete_operator_pod " +
        "termination_message_policy active_deadline_seconds callbacks progress_callback logging_interval trigger_kwargs " +
        "container_name_log_prefix_enabled log_formatter automount_service_account_token " +
        "api_version command container_name cpus docker_url environment private_environment env_file force_pull mem_limit host_tmp_dir network_mode " +
        "tls_ca_cert tls_client_cert tls_client_key tls_verify tls_hostname tls_ssl_version mount_tmp_dir tmp_dir user mounts entrypoint working_dir " +
        "xcom_all docker_conn_id dns dns_search auto_remove shm_size tty privileged cap_add extra_hosts retrieve_output retrieve_output_path timeout " +
        "device_requests log_opts_max_size log_opts_max_file ipc_mode port_bindings ulimits skip_exit_code")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier { get; }

    public static bool IsTaken(string name) => Taken.Contains(name) || PortNames.IsPythonKeyword(name);

    public static (IReadOnlyList<OperatorArgument> Inputs, IReadOnlyList<OperatorArgument> Outputs) For(Definition definition)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var inputs = definition.Inputs.Select(port => Input(definition, port, names)).ToList();
        var outputs = definition.Outputs.Where(port => port.Passing == PortPassing.File).Select(port => Output(port, names)).ToList();
        return (inputs, outputs);
    }

    private static OperatorArgument Output(Port port, HashSet<string> names)
    {
        var name = Unique(names, port.Name, "path");
        return new(port, name, "Optional[str]", "None",
            Sentence($"File to write in the workspace, or a path in the container; a file of its own for each run when left out. {ClientInterface.OneLine(port.Description)}"));
    }

    private static OperatorArgument Input(Definition definition, Port port, HashSet<string> names)
    {
        var description = Sentence(ClientInterface.OneLine(port.Description));
        var name = Unique(names, port.Name, null);
        var valueType = PortValues.ValueType(port.Type);
        var isFile = port.Passing == PortPassing.File;
        if (isFile)
            description = Sentence($"File in the workspace, or its path in the container. {description}");
        if (port.Secret)
            description = Sentence($"Better left out: give it as the variable {OperatorSecrets.Variable(port)}, in a pod from a secret (`secrets`), in Docker with `private_environment`. {description}");

        var optional = port.Optional || port.Default is not null || port.Secret;
        if (isFile || port.Secret || port.Default is null || IsUnsafeDefault(port.Default))
        {
            // Elyra fills a number without default with 0; an absent text stays absent.
            return optional
                ? new(port, name, "Optional[str]", "None", WithDefault(description, port))
                : new(port, name, isFile ? "str" : PythonType(valueType), null, description);
        }
        var spelled = valueType is null ? null : PortValues.Spell(valueType, port.Default);
        return (valueType, spelled) switch
        {
            (PortTypes.Integer, { } text) => new(port, name, "int", PythonInteger(text), description),
            (PortTypes.Float, { } text) => new(port, name, "float", PythonFloat(text), description),
            (PortTypes.Boolean, { } text) => new(port, name, "bool", text, description),
            _ => new(port, name, "str", PythonText.Literal(port.Default), description),
        };

        // Airflow would render a template, and Elyra changes quotes and line ends; our runner knows such a default itself.
        bool IsUnsafeDefault(string text) => definition.Container is null
            && (text.Any(c => c is '"' or '\\' || char.IsControl(c)) || text != text.Trim() || TemplateMark.IsMatch(text));
    }

    [GeneratedRegex(@"\{[{%#]", RegexOptions.CultureInvariant)]
    private static partial Regex TemplateMark { get; }

    private static string WithDefault(string description, Port port) => port.Default is null || port.Secret || port.Passing == PortPassing.File
        ? description
        : Sentence($"{description} Default: {ClientInterface.OneLine(port.Default)}");

    private static string PythonType(string? valueType) => valueType switch
    {
        PortTypes.Integer => "int",
        PortTypes.Float => "float",
        PortTypes.Boolean => "bool",
        _ => "str",
    };

    // Python refuses 007 as a number.
    private static string PythonInteger(string text)
    {
        var digits = text.TrimStart('+', '-').TrimStart('0');
        return digits.Length == 0 ? "0" : text.StartsWith('-') ? "-" + digits : digits;
    }

    private static string PythonFloat(string text) =>
        double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture) is var number
        && number.Any(c => c is '.' or 'E') ? number.Replace("E", "e", StringComparison.Ordinal) : number + ".0";

    /// <summary>Elyra cuts a description at these marks.</summary>
    private static string Sentence(string text)
    {
        var cleaned = text.Trim();
        while (cleaned.Contains("..", StringComparison.Ordinal))
            cleaned = cleaned.Replace("...", "…", StringComparison.Ordinal).Replace("..", "…", StringComparison.Ordinal);
        return cleaned.Replace(":param", "param", StringComparison.Ordinal).Replace(":type", "type", StringComparison.Ordinal);
    }

    private static string Unique(HashSet<string> names, string portName, string? suffix)
    {
        var name = Identifier.IsMatch(portName) && !portName.Contains("__", StringComparison.Ordinal) ? portName : PortNames.Sanitized(portName);
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]))
            name = name.Length == 0 ? "port" : "port_" + name;
        if (suffix is not null)
            name = $"{name}_{suffix}";
        if (IsTaken(name))
            name += "_value";
        var candidate = name;
        for (var number = 2; !names.Add(candidate); number++)
            candidate = $"{name}_{number}";
        return candidate;
    }
}
