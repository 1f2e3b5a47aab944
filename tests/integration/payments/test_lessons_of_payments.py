"""What comparable shops learnt the hard way about payments, each lesson a test by its name.

The lessons about stock are in ``../test_lessons_of_stock.py``. Each test here is the one that
proves the lesson where it belongs, under the lesson's number and words.
"""

from tests.integration.payments.test_collecting import (
    test_many_who_want_the_same_at_once_get_one as test_lesson_06_one_live_payment_per_purchase,
)
from tests.integration.payments.test_collecting import (
    test_unknown_outcome_asked_again_is_the_same_intent as test_lesson_07_unknown_is_not_failed,
)
from tests.integration.payments.test_giving_back import (
    test_many_at_once_never_exceed_the_capture as test_lesson_12_refunds_stay_within_it,
)
from tests.integration.payments.test_hearing import (
    test_a_message_before_the_answer_that_caused_it as test_lesson_13_messages_before_answers,
)
from tests.integration.payments.test_hearing import (
    test_the_whole_flow_with_every_message_three_times as test_lesson_13_messages_repeated,
)
from tests.integration.payments.test_hearing import (
    test_the_whole_flow_with_messages_late_and_backwards as test_lesson_13_messages_backwards,
)
from tests.integration.test_orders import counter
from tests.integration.test_orders import (
    test_webhook_return_and_sweeper_end_it_once as test_lesson_05_whoever_comes_first_ends_it,
)

__all__ = [
    "counter",
    "test_lesson_05_whoever_comes_first_ends_it",
    "test_lesson_06_one_live_payment_per_purchase",
    "test_lesson_07_unknown_is_not_failed",
    "test_lesson_12_refunds_stay_within_it",
    "test_lesson_13_messages_backwards",
    "test_lesson_13_messages_before_answers",
    "test_lesson_13_messages_repeated",
]
