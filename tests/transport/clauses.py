"""What the specifications ask of a server, clause by clause in our own words, beside the test that shows it.

Where we do otherwise on purpose, the reason stands instead of a test (decision 0027). A house test keeps this complete:
every clause has one of the two, and every test that is named exists.
"""

from typing import NamedTuple


class Clause(NamedTuple):
    """`level` is the specification's own word; `tests` are `file::function` under `tests/`."""

    section: str
    level: str
    says: str
    tests: tuple[str, ...] = ()
    otherwise: str = ""


HERE = "transport/test_graphql_over_http.py::"
REQUESTS = "transport/test_http_requests.py::"
ANSWERS = "transport/test_http_answers.py::"
DOCUMENTS = "transport/test_documents.py::"
NOTHING_TO_DO = "There is no such state of this server."

GRAPHQL_OVER_HTTP = (
    Clause("URL", "MUST", "one address for queries and mutations alike", (HERE + "test_one_address_serves_all",)),
    Clause(
        "URL",
        "MAY",
        "another schema for other clients",
        ("transport/test_introspection.py::test_the_schema_is_read_by_whom_the_setting_names",),
    ),
    Clause(
        "URL",
        "MAY",
        "forbid requests, with a status that says so",
        (ANSWERS + "test_a_bad_token_is_401_with_a_challenge",),
    ),
    Clause(
        "URL", "MAY", "other uses of the address", (ANSWERS + "test_a_browser_that_asks_nothing_gets_the_explorer",)
    ),
    Clause("Serialization", "MUST", "JSON is spoken", (HERE + "test_one_address_serves_all",)),
    Clause(
        "Serialization",
        "MAY",
        "other formats: multipart requests",
        (REQUESTS + "test_a_file_comes_with_a_multipart_request",),
    ),
    Clause("Media types", "MUST", "UTF-8 where no charset is named", (HERE + "test_utf_8_is_what_no_charset_means",)),
    Clause("Request", "MUST", "POST", (HERE + "test_one_address_serves_all",)),
    Clause("Request", "MAY", "GET", (REQUESTS + "test_a_query_may_be_sent_by_get_with_json_variables",)),
    Clause(
        "Request parameters",
        "MUST",
        "query is required and a string",
        (REQUESTS + "test_json_that_is_no_well_formed_request_is_422_under_either_type",),
    ),
    Clause(
        "Request parameters",
        "MUST",
        "names and kinds of the optional ones",
        (REQUESTS + "test_json_that_is_no_well_formed_request_is_422_under_either_type",),
    ),
    Clause(
        "Request parameters",
        "MUST",
        "any text is a well-formed query",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "GET",
        "MUST",
        "parameters in the address, form encoded",
        (REQUESTS + "test_a_query_may_be_sent_by_get_with_json_variables",),
    ),
    Clause(
        "GET",
        "MUST",
        "variables and extensions as JSON",
        (REQUESTS + "test_a_get_that_is_no_well_formed_request_is_refused",),
    ),
    Clause(
        "GET",
        "MUST",
        "an empty optional parameter is absent",
        (REQUESTS + "test_an_empty_parameter_of_a_get_is_an_absent_one",),
    ),
    Clause("GET", "MUST", "operationName=null names an operation null", (HERE + "test_null_is_a_name_in_an_address",)),
    Clause("GET", "MUST NOT", "mutations", (REQUESTS + "test_a_mutation_by_get_is_405_and_does_not_happen",)),
    Clause(
        "GET",
        "RECOMMENDED",
        "405 with Allow for a mutation",
        (REQUESTS + "test_a_mutation_by_get_is_405_and_does_not_happen",),
    ),
    Clause(
        "POST",
        "MUST",
        "a body of JSON in UTF-8 as application/json",
        (REQUESTS + "test_json_is_known_however_its_type_is_written",),
    ),
    Clause(
        "POST", "MUST", "UTF-8 where Content-Type names no charset", (HERE + "test_utf_8_is_what_no_charset_means",)
    ),
    Clause(
        "POST",
        "SHOULD",
        "refuse a body without Content-Type",
        (REQUESTS + "test_other_types_charsets_and_compressed_bodies_are_415",),
    ),
    Clause("POST", "MAY", "other types", (REQUESTS + "test_a_file_comes_with_a_multipart_request",)),
    Clause(
        "JSON",
        "MUST",
        "unknown properties are ignored",
        (REQUESTS + "test_optional_parameters_may_be_null_and_unknown_ones_are_ignored",),
    ),
    Clause(
        "JSON",
        "MUST",
        "null is absent",
        (REQUESTS + "test_optional_parameters_may_be_null_and_unknown_ones_are_ignored",),
    ),
    Clause(
        "Response",
        "MUST",
        "a well-formed answer to a well-formed request",
        (HERE + "test_the_shape_of_an_answer_follows_the_specification",),
    ),
    Clause(
        "Body",
        "MUST",
        "an execution result or a request error",
        (HERE + "test_the_shape_of_an_answer_follows_the_specification",),
    ),
    Clause("Body", "MUST", "Content-Type of the answer", (ANSWERS + "test_an_answer_comes_in_the_type_most_wanted",)),
    Clause("Body", "SHOULD", "its charset", (ANSWERS + "test_an_answer_comes_in_the_type_most_wanted",)),
    Clause(
        "Body", "MUST", "application/graphql-response+json", (ANSWERS + "test_an_answer_comes_in_the_type_most_wanted",)
    ),
    Clause(
        "Body",
        "SHOULD",
        "no Accept, or any type, is the new type",
        (ANSWERS + "test_an_answer_comes_in_the_type_most_wanted",),
    ),
    Clause("Body", "MUST", "Accept is respected", (ANSWERS + "test_an_answer_comes_in_the_type_most_wanted",)),
    Clause(
        "Body",
        "MUST",
        "406 or a choice of ours where nothing fits",
        (ANSWERS + "test_a_type_that_we_do_not_speak_is_406",),
    ),
    Clause(
        "Body",
        "SHOULD",
        "application/json answered like the new type but for its name",
        (),
        "Under JSON alone a well-formed request is 200, as it was in every draft: old clients take 4xx for a proxy's.",
    ),
    Clause("Body", "SHOULD", "406 where neither is taken", (ANSWERS + "test_a_type_that_we_do_not_speak_is_406",)),
    Clause(
        "Validation",
        "SHOULD",
        "all rules of GraphQL",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "Validation",
        "MAY",
        "rules of our own",
        ("transport/test_limits.py::test_the_last_that_is_accepted_and_the_first_that_is_refused",),
    ),
    Clause(
        "Status",
        "MUST NOT",
        "the new type for what is no GraphQL answer; even failures are one here",
        (ANSWERS + "test_a_failure_of_the_house_is_500_in_json",),
    ),
    Clause("Status", "MUST", "2xx with data", (HERE + "test_the_shape_of_an_answer_follows_the_specification",)),
    Clause(
        "Status",
        "SHOULD",
        "200 with data and no errors",
        (HERE + "test_the_shape_of_an_answer_follows_the_specification",),
    ),
    Clause(
        "Status",
        "SHOULD",
        "294 with data, or null, and errors",
        (
            ANSWERS + "test_field_errors_are_partial_success_under_the_modern_type_only",
            ANSWERS + "test_a_null_that_reaches_the_top_is_still_data",
        ),
    ),
    Clause(
        "Status", "MUST", "4xx or 5xx without data", (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",)
    ),
    Clause(
        "Status", "SHOULD", "405 for another method, with Allow", (REQUESTS + "test_other_methods_are_405_with_allow",)
    ),
    Clause("Status", "SHOULD", "415", (REQUESTS + "test_other_types_charsets_and_compressed_bodies_are_415",)),
    Clause("Status", "SHOULD", "408", (REQUESTS + "test_a_body_that_trickles_is_cut_with_408",)),
    Clause(
        "Status", "SHOULD", "414", (HERE + "test_an_address_or_headers_beyond_the_limit_have_a_status_of_their_own",)
    ),
    Clause(
        "Status", "SHOULD", "431", (HERE + "test_an_address_or_headers_beyond_the_limit_have_a_status_of_their_own",)
    ),
    Clause("Status", "SHOULD", "413", (REQUESTS + "test_a_body_over_the_limit_is_413_declared_or_not",)),
    Clause(
        "Status",
        "SHOULD",
        "400 for what is no JSON",
        (REQUESTS + "test_what_is_no_json_in_utf_8_is_400_under_either_type",),
    ),
    Clause(
        "Status",
        "SHOULD",
        "422 for JSON that is no request",
        (REQUESTS + "test_json_that_is_no_well_formed_request_is_422_under_either_type",),
    ),
    Clause(
        "Status",
        "SHOULD",
        "400 for what is no GraphQL",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "Status",
        "SHOULD",
        "422 for what does not fit the schema",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "Status",
        "SHOULD NOT",
        "run where the operation is not determined: 422",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "Status",
        "SHOULD NOT",
        "run where variables do not fit: 422",
        (ANSWERS + "test_a_request_error_has_no_data_and_its_own_status",),
    ),
    Clause(
        "Status", "SHOULD", "401 or 403 for who may not ask", (ANSWERS + "test_a_bad_token_is_401_with_a_challenge",)
    ),
    Clause(
        "Status",
        "SHOULD",
        "403 for what one may not ask",
        ("transport/test_introspection.py::test_the_schema_is_read_by_whom_the_setting_names",),
    ),
    Clause(
        "Status",
        "MUST",
        "errors without data where nothing was run",
        (HERE + "test_the_shape_of_an_answer_follows_the_specification",),
    ),
    Clause("Status", "SHOULD", "418 for a teapot", (), NOTHING_TO_DO),
    Clause("Status", "SHOULD", "503 during maintenance", (), NOTHING_TO_DO),
    Clause(
        "Examples",
        "SHOULD",
        "200 with field errors, which 294 refines",
        (ANSWERS + "test_field_errors_are_partial_success_under_the_modern_type_only",),
    ),
)

PERSISTED_DOCUMENTS = (
    Clause(
        "Identifier", "SHOULD", "sha256: and the hash", (DOCUMENTS + "test_a_trusted_document_runs_by_hash_or_name",)
    ),
    Clause(
        "Identifier",
        "MUST",
        "64 lower-case digits; other prefixes are reserved",
        (DOCUMENTS + "test_an_id_that_is_none_is_no_well_formed_request",),
    ),
    Clause(
        "Identifier", "MUST", "names without a colon", (DOCUMENTS + "test_a_trusted_document_runs_by_hash_or_name",)
    ),
    Clause("Request", "MAY", "by GET and POST", (DOCUMENTS + "test_a_trusted_document_runs_by_hash_or_name",)),
    Clause("Request", "MUST NOT", "mutations by GET", (DOCUMENTS + "test_a_trusted_mutation_is_405_by_get",)),
    Clause(
        "Request",
        "MAY",
        "refuse parameters that are not canonical",
        (),
        "Order and spacing are the client's; caches keep what they are asked.",
    ),
    Clause(
        "Response",
        "MUST",
        "one error where there is no such document",
        (DOCUMENTS + "test_an_unknown_document_is_one_error",),
    ),
)
