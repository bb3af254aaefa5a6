"""A run that begins with what other logs have taught."""

from pathlib import Path

import pytest
from fold_runs import use_model, write_folder
from tiny_runs import ignore, said

from transfer_prompting.agents.experience.carried import CarriedLesson
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import ExperienceApplied, ExperienceLoaded
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.experience.pack import Pack, pack_text
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.runtime.lifecycle import reenact, resume, start
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader
