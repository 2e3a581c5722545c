"""The same of sockets, event streams and multipart requests, and the tables of all specifications together."""

from tests.transport.clauses import GRAPHQL_OVER_HTTP, PERSISTED_DOCUMENTS, REQUESTS, Clause

STREAM = "transport/test_event_stream.py::"
HELLO = "transport/test_websocket_hello.py::"
OPERATIONS = "transport/test_websocket_operations.py::"
LEAVING = "transport/test_websocket_leaving.py::"
RECEIVE = "uploads/test_upload_receive.py::"

TRANSPORT_WS = (
    Clause("Connection", "MUST", "the subprotocol, else 4406", (HELLO + "test_another_subprotocol_closes_4406",)),
    Clause(
        "ConnectionInit",
        "MUST",
        "ack before operations, else 4401",
        (HELLO + "test_a_subscription_before_the_hello_closes_4401",),
    ),
    Clause(
        "ConnectionInit",
        "MUST",
        "4408 when it does not come in time",
        (HELLO + "test_silence_after_connecting_closes_4408",),
    ),
    Clause("ConnectionInit", "MUST", "4429 when it comes again", (HELLO + "test_a_second_hello_closes_4429",)),
    Clause(
        "ConnectionAck",
        "MUST",
        "said once a hello is taken",
        (
            HELLO + "test_anonymous_visitors_are_welcome",
            HELLO + "test_the_token_of_the_hello_counts_and_the_handshake_s_header_does_not",
        ),
    ),
    Clause("ConnectionInit", "MAY", "4403 for who is turned away", (HELLO + "test_a_bad_token_closes_4403",)),
    Clause(
        "Ping",
        "MUST",
        "answered with pong at any time",
        (HELLO + "test_a_ping_is_answered_with_its_payload_even_before_the_hello",),
    ),
    Clause(
        "Ping",
        "MAY",
        "carry a payload, which comes back",
        (HELLO + "test_a_ping_is_answered_with_its_payload_even_before_the_hello",),
    ),
    Clause("Pong", "MAY", "come unasked", (OPERATIONS + "test_a_pong_that_nobody_asked_for_is_taken",)),
    Clause("Subscribe", "MUST", "4409 for an id in use", (OPERATIONS + "test_an_id_in_use_closes_4409",)),
    Clause(
        "Subscribe",
        "MUST",
        "an id may be used again afterwards",
        (OPERATIONS + "test_an_id_is_free_again_after_its_operation",),
    ),
    Clause(
        "Subscribe",
        "MUST",
        "queries and mutations too",
        (OPERATIONS + "test_queries_and_mutations_travel_the_socket_too",),
    ),
    Clause(
        "Subscribe",
        "MUST",
        "variables and operationName as over HTTP",
        (OPERATIONS + "test_variables_and_the_operation_s_name_are_taken",),
    ),
    Clause(
        "Subscribe",
        "MUST",
        "many at once, told apart by their ids",
        (OPERATIONS + "test_operations_beside_each_other_each_hear_their_own",),
    ),
    Clause(
        "Next",
        "MUST",
        "carry a whole result, errors of fields included",
        (OPERATIONS + "test_field_errors_come_with_their_data_and_masked",),
    ),
    Clause(
        "Next",
        "MUST",
        "one a result, then complete",
        (OPERATIONS + "test_a_subscription_gives_its_values_and_completes",),
    ),
    Clause(
        "Error",
        "MUST",
        "ends the operation, the socket lives on",
        (OPERATIONS + "test_an_operation_that_cannot_run_is_an_error_and_the_socket_lives_on",),
    ),
    Clause(
        "Error",
        "MUST",
        "a list of errors, and nothing after it",
        (OPERATIONS + "test_after_an_error_nothing_more_is_said_of_the_operation",),
    ),
    Clause(
        "Error",
        "MUST",
        "a stream that fails too",
        (OPERATIONS + "test_a_stream_that_fails_ends_in_a_masked_error",),
    ),
    Clause(
        "Complete",
        "MUST",
        "the client's ends the operation silently",
        (LEAVING + "test_a_client_s_complete_ends_the_generator_and_nothing_more_is_said",),
    ),
    Clause(
        "Complete",
        "MUST",
        "for an unknown id is ignored",
        (OPERATIONS + "test_the_completion_of_what_nobody_started_is_ignored",),
    ),
    Clause(
        "Complete",
        "MUST",
        "ends with the socket, for all operations",
        (LEAVING + "test_a_hundred_who_leave_at_once_all_leave",),
    ),
    Clause(
        "Closing",
        "SHOULD",
        "4403 once what let somebody in has ended",
        (HELLO + "test_a_socket_outlives_its_token_by_nothing",),
    ),
    Clause(
        "Closing",
        "SHOULD",
        "reasons that fit a close frame, and nothing after it",
        ("transport/test_frames.py::test_whatever_is_said_the_socket_ends_in_order",),
    ),
    Clause(
        "Closing",
        "MAY",
        "4500 for a failure of ours",
        (HELLO + "test_a_failure_of_the_house_closes_4500_and_is_logged",),
    ),
    Clause("Invalid", "MUST", "4400 for anything else", (OPERATIONS + "test_a_frame_that_is_no_message_closes_4400",)),
)

EVENT_STREAM = (
    Clause(
        "Distinct",
        "MUST",
        "text/event-stream in UTF-8, 200 once accepted",
        (STREAM + "test_a_subscription_is_streamed_to_whoever_takes_a_stream",),
    ),
    Clause(
        "Distinct",
        "MUST",
        "next for each result, complete at the end",
        (STREAM + "test_a_subscription_is_streamed_to_whoever_takes_a_stream",),
    ),
    Clause(
        "Distinct",
        "MUST",
        "queries and mutations too",
        (STREAM + "test_queries_and_mutations_are_streamed_to_who_takes_nothing_else",),
    ),
    Clause(
        "Distinct",
        "MUST",
        "errors of the document in the stream",
        (STREAM + "test_what_is_wrong_with_the_document_is_told_in_the_stream",),
    ),
    Clause(
        "Distinct",
        "SHOULD",
        "statuses for what is no request",
        (STREAM + "test_what_is_wrong_with_the_request_has_a_status",),
    ),
    Clause("Distinct", "MAY", "opened by GET", (STREAM + "test_a_stream_may_be_opened_with_get_but_nothing_changed",)),
    Clause(
        "Distinct",
        "MUST",
        "closing the connection ends the operation",
        (STREAM + "test_whoever_leaves_frees_the_source",),
    ),
    Clause(
        "Single",
        "MAY",
        "one connection for many operations",
        (),
        "The socket does that; the stream is for where no socket gets through.",
    ),
)

MULTIPART_REQUEST = (
    Clause(
        "Fields",
        "MUST",
        "operations, then map, then files in this order",
        (RECEIVE + "test_a_body_that_breaks_the_specification_is_refused",),
    ),
    Clause(
        "operations", "MUST", "JSON with null where files go", (RECEIVE + "test_a_map_must_lead_to_distinct_nulls",)
    ),
    Clause("operations", "MAY", "a list of operations", (RECEIVE + "test_operations_must_be_one_plain_request",)),
    Clause(
        "map",
        "MUST",
        "each part to the places that it fills",
        (RECEIVE + "test_several_files_and_one_file_at_several_places",),
    ),
    Clause(
        "map",
        "MUST",
        "an object of lists of paths",
        (RECEIVE + "test_a_map_must_lead_to_distinct_nulls",),
    ),
    Clause(
        "File fields",
        "MAY",
        "go to items of lists",
        (RECEIVE + "test_several_files_and_one_file_at_several_places",),
    ),
    Clause(
        "File fields",
        "MAY",
        "carry names as their senders write them",
        ("uploads/test_upload_names.py::test_file_names_are_read_as_browsers_and_libraries_write_them",),
    ),
    Clause("map", "MUST", "paths that lead somewhere", (RECEIVE + "test_a_map_must_lead_to_distinct_nulls",)),
    Clause(
        "File fields",
        "MUST",
        "every part that map names, and no other",
        (RECEIVE + "test_a_body_that_breaks_the_specification_is_refused",),
    ),
    Clause(
        "File fields",
        "MUST",
        "one part at several places is one file at each",
        (RECEIVE + "test_several_files_and_one_file_at_several_places",),
    ),
    Clause(
        "Security",
        "SHOULD",
        "a header that no page sends unasked",
        (REQUESTS + "test_a_multipart_request_needs_a_preflight_header",),
    ),
    Clause(
        "Security",
        "SHOULD",
        "limits while it streams",
        (
            RECEIVE + "test_a_file_over_the_limit_is_cut_off_while_it_streams",
            RECEIVE + "test_files_over_the_limit_together_are_refused",
        ),
    ),
    Clause(
        "Security",
        "SHOULD",
        "an end to bodies that do not come",
        (RECEIVE + "test_a_body_that_stops_coming_is_refused", RECEIVE + "test_a_body_that_drips_for_ever_is_refused"),
    ),
)

ALL = {
    "GraphQL over HTTP, first edition": GRAPHQL_OVER_HTTP,
    "Persisted documents, draft": PERSISTED_DOCUMENTS,
    "graphql-transport-ws": TRANSPORT_WS,
    "graphql-sse": EVENT_STREAM,
    "GraphQL multipart request": MULTIPART_REQUEST,
}
